"""The table in which the handler `note_run` leaves a row per execution: what really happened, whoever says what."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

from .waiting import eventually


@contextmanager
def table_of_runs() -> Iterator[None]:
    """There for as long as the block lasts."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS runs")
        cursor.execute("CREATE TABLE runs (job_id uuid NOT NULL, pid int NOT NULL)")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE runs")


def runs() -> Counter[UUID]:
    """How often each job was executed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT job_id, count(*) FROM runs GROUP BY job_id")
        return Counter(dict(cursor.fetchall()))


def wait_for_runs(number: int) -> None:
    """Until so many executions have begun in all."""
    eventually(lambda: runs().total() >= number, f"{number} executions have begun")
