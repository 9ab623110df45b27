"""The roles Admin, Manager and Coach as groups, with what each may do in the admin and on the pages."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Model

VIEW_JOB = ("jobqueue", "job", "view_job", "Can view job")
OPERATE_JOB = ("jobqueue", "job", "operate_job", "Can run, retry, cancel and pause jobs")
DELETE_JOB = ("jobqueue", "job", "delete_job", "Can delete job")
SEE_ALL = ("coachdash", "competitor", "see_every_competitor", "Can see the students of every coach")
VIEW_SCHEDULE = ("jobqueue", "schedule", "view_schedule", "Can view schedule")
ADD_SCHEDULE = ("jobqueue", "schedule", "add_schedule", "Can add schedule")
CHANGE_SCHEDULE = ("jobqueue", "schedule", "change_schedule", "Can change schedule")
DELETE_SCHEDULE = ("jobqueue", "schedule", "delete_schedule", "Can delete schedule")
WRITE = [VIEW_JOB, OPERATE_JOB, VIEW_SCHEDULE, ADD_SCHEDULE, CHANGE_SCHEDULE, SEE_ALL]
GROUPS = {"Admin": [*WRITE, DELETE_JOB, DELETE_SCHEDULE], "Manager": WRITE, "Coach": []}


def make_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name, keys in GROUPS.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(*(permission(apps, *key) for key in keys))


def permission(apps: Apps, app_label: str, model: str, codename: str, name: str) -> Model:
    # Django makes permissions after the last migration only; it leaves those alone that exist by then.
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app_label, model=model
    )
    row, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=codename, defaults={"name": name}
    )
    return row


class Migration(migrations.Migration):
    dependencies = [
        ("coachdash", "0001_initial"),
        ("jobqueue", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
