"""Concurrency keys: at most so many jobs of one key run at once.

A job that runs holds a place, and its own row is the proof: whatever ends it, a crash and its rescue too, gives the
place back, once. A claim that took more jobs than there are places parks them again before anybody sees it.
"""

from collections.abc import Mapping

from django.db.backends.utils import CursorWrapper

# Of two claims the second waits here until the first is committed, and then counts its jobs.
_LOCK = "SELECT jobqueue_lock_places(%(keys)s::text[])"
# A new statement, so that it sees what was committed while we waited. `worker_id IS NOT NULL` is "running", as a check
# constraint says, and the condition of the index of those that hold a place. The arrays that the planner cannot count
# keep it at look-ups by key; see transitions/by_workers.py.
_PARK = """
WITH mine AS MATERIALIZED (
    SELECT job.id, job.concurrency_key AS key, job.concurrency_limit AS places,
           row_number() OVER (PARTITION BY job.concurrency_key ORDER BY job.priority DESC, job.run_at, job.id) AS rank,
           count(*) OVER (PARTITION BY job.concurrency_key) AS claimed
    FROM jobqueue_job AS job WHERE job.id = ANY (ARRAY(SELECT unnest(%(ids)s::uuid[])))
), taken AS MATERIALIZED (
    SELECT job.concurrency_key AS key, count(*) AS jobs FROM jobqueue_job AS job
    WHERE job.concurrency_key = ANY (%(keys)s::text[]) AND job.concurrency_key IS NOT NULL AND job.worker_id IS NOT NULL
    GROUP BY job.concurrency_key
)
UPDATE jobqueue_job AS job
SET status = CASE WHEN job.attempts > 0 THEN 'retrying' ELSE 'pending' END, worker_id = NULL,
    parked = 'limited', blockers = 1
FROM mine JOIN taken USING (key)
WHERE job.id = mine.id AND job.id = ANY (ARRAY(SELECT unnest(%(ids)s::uuid[])))
  AND taken.jobs - mine.claimed + mine.rank > mine.places
RETURNING job.id::text
"""


def park_beyond_limit(cursor: CursorWrapper, claimed: Mapping[str, str]) -> set[str]:
    """Put back what the running transaction claimed beyond the limits.

    Args:
        claimed: the concurrency key of each job by its id, of those that have one.

    Returns:
        The ids that were put back.
    """
    params: dict[str, str | list[str]] = {"ids": "{" + ",".join(claimed) + "}", "keys": sorted(set(claimed.values()))}
    cursor.execute(_LOCK, params)
    # The claim forbids to sort; these few rows may be. Where the table is believed empty, each would be compared with
    # each other.
    cursor.execute("SET LOCAL enable_sort TO DEFAULT; SET LOCAL enable_nestloop = off")
    cursor.execute(_PARK, params)
    parked = {row[0] for row in cursor.fetchall()}
    cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
    return parked
