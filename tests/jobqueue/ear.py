"""An ear on the channel that wakes workers, on a connection of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import psycopg
from django.db import connection

from jobqueue.wakeup import WORK_CHANNEL


@contextmanager
def raw_connection() -> Iterator[psycopg.Connection]:
    """A connection to the test's database beside Django's, in autocommit."""
    settings = connection.settings_dict
    with psycopg.connect(
        dbname=settings["NAME"],
        user=settings["USER"] or None,
        password=settings["PASSWORD"] or None,
        host=settings["HOST"] or None,
        port=settings["PORT"] or None,
        autocommit=True,
    ) as raw:
        yield raw


@contextmanager
def without_triggers(raw: psycopg.Connection) -> Iterator[None]:
    """For many rows that nobody has to be told of, at half the time; as ever if the role may not switch them off."""
    ((may,),) = raw.execute("SELECT current_setting('is_superuser')::bool")
    if may:
        raw.execute("SET session_replication_role = replica")
    yield
    if may:
        raw.execute("RESET session_replication_role")


class Ear:
    """Counts the notifications that were committed since it was opened."""

    def __enter__(self) -> Self:
        self._context = raw_connection()
        self._raw = self._context.__enter__()
        self._raw.execute(f"LISTEN {WORK_CHANNEL}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._context.__exit__(kind, error, trace)

    def count(self) -> int:
        """How many came. They arrive in the order of commits, so one of our own says when all are here."""
        self._raw.execute("SELECT pg_notify(%s, 'that is all')", [WORK_CHANNEL])
        for count, notification in enumerate(self._raw.notifies(timeout=30)):
            if notification.payload == "that is all":
                return count
        raise AssertionError("Our own notification did not come.")
