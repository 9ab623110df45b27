"""Emptying the database after a transactional test as Django's flush does, at a tenth of its price."""

from collections.abc import Iterable

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from jobqueue import known_types
from jobqueue.models import KnownTaskType

# What is there after every migration; Django takes it and makes it anew.
_KEPT = {model._meta.db_table for model in (ContentType, Permission, KnownTaskType)}
_LARGE = 1_000_000  # bytes
_FILLED = sql.SQL(
    "SELECT {name}, pg_relation_size({name}::regclass) > {large} WHERE EXISTS (SELECT FROM {table} LIMIT 1)"
)

_VERSION = sql.SQL("SELECT md5(string_agg(name || xmin, ' ' ORDER BY name)) FROM {table}")


def flush() -> None:
    """Delete every row of every model, without the triggers that would refuse or tell it.

    Most tests leave a few rows in a few tables: truncating all fifty of them, with all their indexes, takes longer than
    many a test. A large table is truncated all the same. Who may not switch triggers off has Django's way.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')::bool")
        (may,) = cursor.fetchone() or (False,)
        if may:
            tables = set(connection.introspection.django_table_names(include_views=False)) - _KEPT
            if not tables:  # a test without `available_apps`, which wants to keep what it found
                return
            _empty(cursor, tables)
    if may:
        _tell_task_types_again()
    else:
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)


def _tell_task_types_again() -> None:
    """As a migration does; nobody has to if no test and no worker has told the database others."""
    if _task_types() not in _told:
        known_types.sync()
        known_types.forget_others()
        _told.clear()
        _told.append(_task_types())


_told: list[object] = []


def _task_types() -> object:
    with connection.cursor() as cursor:
        cursor.execute(_VERSION.format(table=sql.Identifier(KnownTaskType._meta.db_table)))
        return cursor.fetchone()


def _empty(cursor: CursorWrapper, tables: Iterable[str]) -> None:
    asked = [_FILLED.format(name=name, large=_LARGE, table=sql.Identifier(name)) for name in sorted(tables)]
    cursor.execute(sql.SQL(" UNION ALL ").join(asked))
    ways = [
        sql.SQL("TRUNCATE {} CASCADE" if is_large else "DELETE FROM {}").format(sql.Identifier(table))
        for table, is_large in cursor.fetchall()
    ]
    whole = [sql.SQL("BEGIN; SET LOCAL session_replication_role = replica"), *ways, sql.SQL("COMMIT")]
    cursor.execute(sql.SQL("; ").join(whole))
