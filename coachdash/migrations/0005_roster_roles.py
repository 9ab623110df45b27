"""What the roles may do with the roster and see of the game platform in the admin."""

from importlib import import_module

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

permission = import_module("coachdash.migrations.0002_groups").permission

ROSTER = {
    "organization": "organization",
    "coachprofile": "coach profile",
    "competitor": "competitor",
    "team": "team",
}
MIRROR = {"account": "account", "solve": "solve", "flashevent": "flash event", "syncrun": "sync run"}
EDITING = ("view", "add", "change")


def _keys(app: str, models: dict[str, str], verbs: tuple[str, ...]) -> list[tuple[str, str, str, str]]:
    return [(app, model, f"{verb}_{model}", f"Can {verb} {name}") for model, name in models.items() for verb in verbs]


GROUPS = {
    "Admin": _keys("coachdash", ROSTER, (*EDITING, "delete")) + _keys("gameplatform", MIRROR, ("view",)),
    "Manager": _keys("coachdash", ROSTER, EDITING) + _keys("gameplatform", MIRROR, ("view",)),
}


def give(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name, keys in GROUPS.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(*(permission(apps, *key) for key in keys))


def take(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name, keys in GROUPS.items():
        for group in apps.get_model("auth", "Group").objects.filter(name=name):
            group.permissions.remove(*(permission(apps, *key) for key in keys))


class Migration(migrations.Migration):
    dependencies = [
        ("coachdash", "0004_token_permission"),
        ("gameplatform", "0001_initial"),
    ]

    operations = [migrations.RunPython(give, take)]
