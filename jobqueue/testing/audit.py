"""The audit log in test databases: `TransactionTestCase` empties every table, which the log's trigger refuses."""

from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.creation import TEST_DATABASE_PREFIX
from django.db.models.signals import post_migrate
from django.test.runner import DiscoverRunner

from jobqueue.models import AuditEntry

_SWITCH_OFF = "ALTER TABLE {table} DISABLE TRIGGER audit_not_truncated"


def allow_audit_flush(using: str = DEFAULT_DB_ALIAS) -> None:
    """Let tests empty the audit log together with all other tables; for the test database alone.

    Call it once after the test database was made. In production the trigger is part of what keeps the log honest.

    Args:
        using: the alias of the database.

    Raises:
        RuntimeError: it is no test database, or not yet.
    """
    connection = connections[using]
    given = connection.settings_dict
    if not given["NAME"].startswith((TEST_DATABASE_PREFIX, given["TEST"]["NAME"] or TEST_DATABASE_PREFIX)):
        raise RuntimeError(
            f"The database {given['NAME']!r} is no test database, so its audit log stays as it is: call "
            "allow_audit_flush() after Django has made the test database."
        )
    table = connection.ops.quote_name(AuditEntry._meta.db_table)  # noqa: SLF001  Django documents it
    with connection.cursor() as cursor:
        cursor.execute(_SWITCH_OFF.format(table=table))


class JobQueueTestRunner(DiscoverRunner):
    """Django's test runner with `allow_audit_flush`: `TEST_RUNNER = "jobqueue.testing.JobQueueTestRunner"`."""

    def setup_databases(self, **kwargs: Any) -> Any:
        """Make the test databases."""
        # Before they are cloned for `--parallel`.
        config = apps.get_app_config("jobqueue")
        post_migrate.connect(_allow, sender=config)
        try:
            return super().setup_databases(**kwargs)
        finally:
            post_migrate.disconnect(_allow, sender=config)


def _allow(using: str, **_: Any) -> None:
    allow_audit_flush(using)
