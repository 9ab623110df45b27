from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone


def seed(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("jobqueue", "Schedule").objects.create(
        name="count the stock",
        expression="0 3 * * *",
        task_type="count_stock",
        next_run_at=timezone.now(),
    )


class Migration(migrations.Migration):
    dependencies = [("jobqueue", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
