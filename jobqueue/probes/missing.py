"""Which migrations does this code have and the database not? One query; what the code has is read once."""

from functools import cache

from django.db import ProgrammingError, connection
from django.db.migrations.loader import MigrationLoader

_NO_SUCH_TABLE = "42P01"


def missing_migrations() -> list[str]:
    """Such as `jobqueue.0001_initial`, in order. Those that only the database has belong to a newer version.

    Raises:
        Error: the database does not answer.
    """
    return sorted(f"{app}.{name}" for app, name in _of_this_code() - _applied())


@cache
def _of_this_code() -> frozenset[tuple[str, str]]:
    # Without a connection no squashed migration counts as replaced, as after `migrate`, which records both.
    return frozenset(MigrationLoader(None).graph.nodes)


def _applied() -> set[tuple[str, str]]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            return set(cursor.fetchall())
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", None) != _NO_SUCH_TABLE:
            raise
        return set()  # nobody has ever migrated
