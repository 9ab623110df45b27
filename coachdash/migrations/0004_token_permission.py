"""Admins see and revoke everybody's API tokens; others their own."""

from importlib import import_module

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MANAGE_EVERY_TOKEN = ("jobqueue", "apitoken", "manage_every_token", "Can see and revoke everybody's API tokens")


def grant(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    permission = import_module("coachdash.migrations.0002_groups").permission(apps, *MANAGE_EVERY_TOKEN)
    for admins in apps.get_model("auth", "Group").objects.filter(name="Admin"):
        admins.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("coachdash", "0003_seeded_schedules"), ("jobqueue", "0017_api_tokens")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
