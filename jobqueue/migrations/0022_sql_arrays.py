"""`job_queue_retry` and `job_queue_cancel` change rows by an array of ids, as Python does."""

from importlib import import_module

from django.db import migrations

_before = import_module("jobqueue.migrations.0013_sql_operators")

RETRY_BEFORE, CANCEL_BEFORE = (
    sql.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION") for sql in (_before.RETRY, _before.CANCEL)
)
RETRY = RETRY_BEFORE.replace(
    "FROM judged\n                WHERE job.id = judged.id AND judged.refusal IS NULL",
    "WHERE job.id = ANY (ARRAY(SELECT judged.id FROM judged WHERE judged.refusal IS NULL))",
)
CANCEL = CANCEL_BEFORE.replace(
    "FROM asked WHERE job.id = asked.id AND asked.status IN ('pending', 'retrying', 'running')",
    "WHERE job.id = ANY (ARRAY(SELECT asked.id FROM asked WHERE asked.status IN ('pending', 'retrying', 'running')))",
)


class Migration(migrations.Migration):
    dependencies = [("jobqueue", "0021_edit_payload_permission")]

    operations = [
        # A function that is replaced loses its own settings, so the privileges are given anew.
        migrations.RunSQL(_before.PRIVILEGES, _before.PRIVILEGES),
        migrations.RunSQL([RETRY, CANCEL], [RETRY_BEFORE, CANCEL_BEFORE]),
        migrations.RunSQL(_before.PRIVILEGES, migrations.RunSQL.noop),
    ]
