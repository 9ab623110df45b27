"""What a scheduler's tick costs beside 100,000 schedules: with 1,000 due, and with none."""

import time
from collections.abc import Callable, Iterator

from django.db import connection

from jobqueue.ids import uuid7
from jobqueue.scheduler import tick
from tests.bench import database
from tests.bench.table import Row

_SCHEDULES = """
INSERT INTO jobqueue_schedule (name, expression, timezone, task_type, payload, queue, priority, max_attempts,
                               is_active, next_run_at, notes, created_at)
SELECT 'schedule ' || n, '*/30 * * * *', (ARRAY['UTC', 'Europe/Berlin'])[1 + n % 2], 'noop', '{}', 'default', 0, 3,
       true, now() + make_interval(secs => 3600 + n), '', now()
FROM generate_series(1, 100000) AS n
"""
_DUE = """
UPDATE jobqueue_schedule SET next_run_at = date_trunc('minute', now()) - %s * interval '1 minute'
WHERE id = ANY (ARRAY(SELECT id FROM jobqueue_schedule ORDER BY id LIMIT 1000))
"""
_ROUNDS = 5
_IDLE = 500


def measure() -> Iterator[Row]:
    """A due schedule beside the rows that it writes, and an idle tick beside the shortest query."""
    database.empty()
    _execute("DELETE FROM jobqueue_schedule")
    _execute(_SCHEDULES)
    _execute("ANALYZE jobqueue_schedule")
    try:
        yield Row(
            name="tick, 1,000 of 100,000 schedules due",
            figure=1_000 / min(_fire(number) for number in range(_ROUNDS)),
            unit="fired/s",
            ceiling_name="bare rows of the same kind",
            ceiling=1_000 / min(_bare(number) for number in range(_ROUNDS)),
        )
        yield Row(
            name="tick, none of 100,000 due",
            figure=_each(tick) * 1e6,
            unit="µs",
            ceiling_name="SELECT 1",
            ceiling=_each(lambda: _execute("SELECT 1")) * 1e6,
        )
    finally:
        _execute("DELETE FROM jobqueue_schedule")
        database.empty()


def _fire(number: int) -> float:
    _execute("DELETE FROM jobqueue_job")
    _execute(_DUE.replace("%s", str(number)))
    began = time.perf_counter()
    assert tick() == 1_000
    return time.perf_counter() - began


def _bare(number: int) -> float:
    """The same rows: a job, an occurrence and a moved schedule each, in one transaction."""
    _execute("DELETE FROM jobqueue_job")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM jobqueue_schedule ORDER BY id LIMIT 1000")
        keys = [key for (key,) in cursor.fetchall()]
    jobs = "".join(f"{uuid7()}\tnoop\t{key}\n" for key in keys)
    occurrences = "".join(f"{key}\t2020-01-01 {number:02}:00+00\t2020-01-01 00:00+00\tschedule\n" for key in keys)
    began = time.perf_counter()
    with database.bare() as bare, bare.transaction():
        with bare.cursor().copy("COPY jobqueue_job (id, task_type, schedule_id) FROM STDIN") as copy:
            copy.write(jobs)
        with bare.cursor().copy(
            "COPY jobqueue_occurrence (schedule_id, scheduled_at, fired_at, trigger) FROM STDIN"
        ) as copy:
            copy.write(occurrences)
        bare.execute("UPDATE jobqueue_schedule SET next_run_at = now() + interval '1 hour' WHERE id = ANY (%s)", [keys])
    return time.perf_counter() - began


def _each(work: Callable[[], object]) -> float:
    work()
    began = time.perf_counter()
    for _ in range(_IDLE):
        work()
    return (time.perf_counter() - began) / _IDLE


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
