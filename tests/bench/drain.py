"""How fast one worker at its defaults drains no-op jobs, beside bare SQL over the same table."""

import statistics
import time
from collections.abc import Iterator

from django.db.models import Max, Min

from jobqueue.api import NewJob, enqueue_many
from jobqueue.models import Attempt, Job
from jobqueue.states import UNFINISHED
from tests.bench import database, processes
from tests.bench.table import Row

_JOBS = 40_000
_ROUNDS = 3
_LONG = 300_000
"""Jobs that leave so many dead index entries that stepping over them would show."""
_CLAIM = """
WITH due AS (
    SELECT id FROM jobqueue_job WHERE status IN ('pending', 'retrying') AND blockers = 0 AND priority = 0
      AND run_at <= now()
    ORDER BY run_at, id LIMIT 100 FOR UPDATE SKIP LOCKED)
UPDATE jobqueue_job SET status = 'running', worker_id = '00000000-0000-0000-0000-000000000000'
WHERE id = ANY (ARRAY(SELECT id FROM due)) RETURNING id::text, payload
"""
_FINISH = """
UPDATE jobqueue_job SET status = 'succeeded', worker_id = NULL, finished_at = now() WHERE id = ANY (%s::uuid[])
"""


def measure() -> Iterator[Row]:
    """Ours and the ceiling in turn, medians."""
    rounds = [(_ceiling(), _worker()) for _ in range(_ROUNDS)]
    ceiling = statistics.median(c for c, _ in rounds)
    ours = statistics.median(w for _, w in rounds)
    yield Row(
        name="no-op drain, 1 worker, 2 children, history",
        figure=ours,
        unit="jobs/s",
        ceiling_name="bare SQL, claim + finish by 100",
        ceiling=ceiling,
        note=f"want >= 0.35; {_ROUNDS} rounds of {_JOBS:,}",
    )
    alone = _worker(_LONG)
    yield Row(
        name="the same beside a long transaction",
        figure=_beside_a_long_transaction(),
        unit="jobs/s",
        ceiling_name="without it",
        ceiling=alone,
        note=f"want >= 0.8; {_LONG:,} jobs, none of which may be forgotten",
    )


def _fill(jobs: int = _JOBS) -> None:
    database.empty()
    enqueue_many(NewJob(task_type="noop") for _ in range(jobs))
    database.settle()


def _ceiling() -> float:
    _fill()
    with database.bare() as connection:
        connection.execute("SET enable_sort = off")
        began = time.perf_counter()
        while rows := connection.execute(_CLAIM).fetchall():
            connection.execute(_FINISH, ["{" + ",".join(row[0] for row in rows) + "}"])
        return _JOBS / (time.perf_counter() - began)


def _worker(jobs: int = _JOBS) -> float:
    _fill(jobs)
    return _drained(jobs)


def _beside_a_long_transaction() -> float:
    """Such as a backup's: PostgreSQL keeps all that it might read."""
    _fill(_LONG)
    with database.bare() as backup:
        backup.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        backup.execute("SELECT count(*) FROM jobqueue_job")
        return _drained(_LONG)


def _drained(jobs: int) -> float:
    with processes.worker():
        while Job.objects.filter(status__in=UNFINISHED).exists():
            time.sleep(0.2)
    span = Attempt.objects.aggregate(first=Min("started_at"), last=Max("finished_at"))
    return jobs / float((span["last"] - span["first"]).total_seconds())
