"""How fast jobs are enqueued, one by one and in bulk, beside bare INSERT and COPY."""

import time
from collections.abc import Callable, Iterator

from jobqueue.api import NewJob, enqueue, enqueue_many
from jobqueue.ids import uuid7
from tests.bench import database
from tests.bench.table import Row

_SINGLE = 2_000
_BULK = 50_000


def measure() -> Iterator[Row]:
    """One by one (a commit each), then in bulk (one transaction)."""
    database.empty()
    yield Row(
        name="enqueue one by one",
        figure=_rate(_SINGLE, lambda: [enqueue("add_one", {"number": n}) for n in range(_SINGLE)]),
        unit="jobs/s",
        ceiling_name="bare INSERT, autocommit",
        ceiling=_rate(_SINGLE, _bare_inserts),
    )
    database.empty()
    yield Row(
        name="enqueue_many",
        figure=_rate(
            _BULK, lambda: enqueue_many(NewJob(task_type="add_one", payload={"number": n}) for n in range(_BULK))
        ),
        unit="jobs/s",
        ceiling_name="bare COPY of prepared text",
        ceiling=_rate(_BULK, _bare_copy),
    )


def _rate(jobs: int, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return jobs / (time.perf_counter() - began)


def _bare_inserts() -> None:
    with database.bare() as connection:
        for number in range(_SINGLE):
            connection.execute(
                "INSERT INTO jobqueue_job (id, task_type, payload) VALUES (%s, 'add_one', %s)",
                [uuid7(), f'{{"number": {number}}}'],
            )


def _bare_copy() -> None:
    text = "".join(f'{uuid7()}\tadd_one\t{{"number": {number}}}\n' for number in range(_BULK))
    with (
        database.bare() as connection,
        connection.cursor().copy("COPY jobqueue_job (id, task_type, payload) FROM STDIN") as copy,
    ):
        copy.write(text)
