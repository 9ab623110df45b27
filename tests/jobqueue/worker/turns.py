"""The table in which the handler `note_turn` leaves a row at its beginning and one at its end, in their order."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

from jobqueue.models import Job

_TURNS = "SELECT job_id, is_begin FROM turns ORDER BY n"


@contextmanager
def table_of_turns() -> Iterator[None]:
    """There for as long as the block lasts."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS turns")
        cursor.execute("CREATE TABLE turns (n bigserial PRIMARY KEY, job_id uuid NOT NULL, is_begin boolean NOT NULL)")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE turns")


def turns() -> list[tuple[UUID, bool]]:
    """(job, whether it began or ended), as it happened."""
    with connection.cursor() as cursor:
        cursor.execute(_TURNS)
        return list(cursor.fetchall())


def order() -> list[UUID]:
    """The jobs in the order in which they began."""
    return [id_ for id_, is_begin in turns() if is_begin]


def most_at_once() -> dict[str, int]:
    """For each concurrency key how many of its jobs were inside their handlers at the same time, at most."""
    keys = dict(Job.objects.exclude(concurrency_key=None).values_list("pk", "concurrency_key"))
    inside: dict[str, int] = {}
    most: dict[str, int] = {}
    for id_, is_begin in turns():
        if id_ in keys:
            key = str(keys[id_])
            inside[key] = inside.get(key, 0) + (1 if is_begin else -1)
            most[key] = max(most.get(key, 0), inside[key])
    return most
