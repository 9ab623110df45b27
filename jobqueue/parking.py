"""Parking: paused jobs leave the index that the claim walks, so that a backlog of them costs no claim anything.

The claim itself judges by the pauses, at once; parking follows within seconds, by whichever worker keeps house.
"""

from django.db import connection, transaction

from jobqueue.states import Priority

_LEVELS = "{" + ",".join(map(str, Priority.values)) + "}"
_REACH = 5_000
"""How far into each priority level's due jobs one look goes. What lies deeper is in nobody's way yet."""
_BATCH = 5_000

_PAUSED_LANES = """
SELECT EXISTS (SELECT 1 FROM jobqueue_pause
               WHERE scope <> 'everything' AND (ends_at IS NULL OR ends_at > statement_timestamp()))
"""
# What the last look at each job asks is so written that it cannot be taken for the condition of a partial index, which
# the planner would then rather read as a whole.
_PARK = f"""
WITH paused AS MATERIALIZED (
    SELECT scope, name FROM jobqueue_pause
    WHERE scope <> 'everything' AND (ends_at IS NULL OR ends_at > statement_timestamp())
), head AS MATERIALIZED (
    SELECT due.id
    FROM unnest('{_LEVELS}'::smallint[]) AS level (priority)
    CROSS JOIN LATERAL (
        SELECT job.id, job.queue, job.task_type FROM jobqueue_job AS job
        WHERE job.status IN ('pending', 'retrying') AND job.blockers = 0 AND job.priority = level.priority
          AND job.run_at <= statement_timestamp()
        ORDER BY job.run_at, job.id LIMIT %(reach)s
    ) AS due
    WHERE due.queue IN (SELECT name FROM paused WHERE scope = 'queue')
       OR due.task_type IN (SELECT name FROM paused WHERE scope = 'task_type')
), locked AS MATERIALIZED (
    SELECT job.id FROM jobqueue_job AS job
    WHERE job.id = ANY (ARRAY(SELECT head.id FROM head))
      AND job.finished_at IS NULL AND job.worker_id IS NULL AND job.blockers = 0  -- it waits still
    FOR UPDATE SKIP LOCKED
)
UPDATE jobqueue_job AS job SET parked = 'paused', blockers = 1
WHERE job.id = ANY (ARRAY(SELECT locked.id FROM locked))
"""  # noqa: S608  constants only

# The distinct pairs of queue and task type among the parked jobs, by hops over their index.
_FREE_LANES = """
WITH RECURSIVE lanes (queue, task_type) AS (
    (SELECT queue, task_type FROM jobqueue_job WHERE parked = 'paused' ORDER BY queue, task_type LIMIT 1)
    UNION ALL
    SELECT next.queue, next.task_type FROM lanes CROSS JOIN LATERAL (
        SELECT job.queue, job.task_type FROM jobqueue_job AS job
        WHERE job.parked = 'paused' AND (job.queue, job.task_type) > (lanes.queue, lanes.task_type)
        ORDER BY job.queue, job.task_type LIMIT 1
    ) AS next
)
SELECT lanes.queue, lanes.task_type FROM lanes
WHERE NOT EXISTS (
    SELECT 1 FROM jobqueue_pause AS pause
    WHERE (pause.ends_at IS NULL OR pause.ends_at > statement_timestamp())
      AND ((pause.scope = 'queue' AND pause.name = lanes.queue)
           OR (pause.scope = 'task_type' AND pause.name = lanes.task_type)))
"""
_UNPARK = """
UPDATE jobqueue_job AS job SET parked = '', blockers = job.blockers - 1
WHERE job.id = ANY (ARRAY(
    SELECT waiting.id FROM jobqueue_job AS waiting
    WHERE waiting.parked = 'paused' AND waiting.queue = %(queue)s AND waiting.task_type = %(task_type)s
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
"""


def park_paused() -> int:
    """Park the paused jobs at the head of the queue; returns how many there were."""
    total = 0
    with connection.cursor() as cursor:
        cursor.execute(_PAUSED_LANES)
        if cursor.fetchone() != (True,):
            return 0
        while True:
            with transaction.atomic():
                cursor.execute("SET LOCAL enable_sort = off")  # as for the claim: the index has the order
                cursor.execute(_PARK, {"reach": _REACH})
                parked = int(cursor.rowcount)
            total += parked
            if parked < _REACH:
                return total


def unpark(most: int | None = None) -> int:
    """Bring back parked jobs that no pause holds any more, at most about `most`; returns how many came back."""
    total = 0
    with connection.cursor() as cursor:
        cursor.execute(_FREE_LANES)
        for queue, task_type in cursor.fetchall():
            while most is None or total < most:
                cursor.execute(_UNPARK, {"queue": queue, "task_type": task_type, "limit": _BATCH})
                total += int(cursor.rowcount)
                if cursor.rowcount < _BATCH:
                    break
        if total:
            cursor.execute("SELECT jobqueue_wake_sleepers()")
    return total
