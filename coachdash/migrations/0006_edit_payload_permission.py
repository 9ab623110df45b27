"""Admins edit the payloads of jobs that wait; managers only when and how these run."""

from importlib import import_module

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

EDIT_JOB_PAYLOAD = ("jobqueue", "job", "edit_job_payload", "Can edit the payload of jobs that wait")


permission = import_module("coachdash.migrations.0002_groups").permission


def give(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for admins in apps.get_model("auth", "Group").objects.filter(name="Admin"):
        admins.permissions.add(permission(apps, *EDIT_JOB_PAYLOAD))


def take(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for admins in apps.get_model("auth", "Group").objects.filter(name="Admin"):
        admins.permissions.remove(permission(apps, *EDIT_JOB_PAYLOAD))


class Migration(migrations.Migration):
    dependencies = [("coachdash", "0005_roster_roles"), ("jobqueue", "0021_edit_payload_permission")]

    operations = [migrations.RunPython(give, take)]
