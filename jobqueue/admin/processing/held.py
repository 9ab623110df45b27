"""How much each pause holds back: counted by index, and no further than the cap."""

from collections.abc import Collection, Mapping

from jobqueue.admin.counts import CAP, Count
from jobqueue.models import Pause
from jobqueue.models.pause import PauseScope
from jobqueue.planner import by_index
from jobqueue.states import Priority

_REACH = 5_000
"""How far into each priority level's due jobs is looked for those that nobody has parked yet."""
_LEVELS = "{" + ",".join(map(str, Priority.values)) + "}"

# What workers have parked has an index of its own. What they have not is due and unblocked: a queue's has an index,
# a task type's lies among the first of all.
_HELD = f"""
WITH paused AS MATERIALIZED (
    SELECT id, scope, name FROM jobqueue_pause WHERE id = ANY (%(pauses)s)
), head AS MATERIALIZED (
    SELECT due.task_type, count(*) AS number
    FROM unnest('{_LEVELS}'::smallint[]) AS level (priority)
    CROSS JOIN LATERAL (
        SELECT job.task_type FROM jobqueue_job AS job
        WHERE job.status IN ('pending', 'retrying') AND job.blockers = 0 AND job.priority = level.priority
          AND job.run_at <= statement_timestamp()
        ORDER BY job.run_at, job.id LIMIT {_REACH}
    ) AS due
    GROUP BY due.task_type
)
SELECT paused.id, CASE paused.scope WHEN 'queue' THEN (
    SELECT count(*) FROM (
        (SELECT FROM jobqueue_job WHERE parked = 'paused' AND queue = paused.name LIMIT %(limit)s)
        UNION ALL
        (SELECT FROM jobqueue_job WHERE status IN ('pending', 'retrying') AND blockers < 1 AND queue = paused.name
            AND run_at <= statement_timestamp() LIMIT %(limit)s)
    ) AS of_queue
) ELSE (
    SELECT count(*) FROM (
        SELECT FROM jobqueue_job WHERE parked = 'paused' AND task_type = paused.name LIMIT %(limit)s
    ) AS parked
) + coalesce((SELECT head.number FROM head WHERE head.task_type = paused.name), 0) END
FROM paused
"""  # noqa: S608  constants only


def held_by(pauses: Collection[Pause], waiting: Count) -> Mapping[int, Count]:
    """By pause, how many due jobs it holds back.

    Args:
        waiting: how many jobs wait in all, which is what a pause of everything holds.
    """
    found = {pause.pk: waiting for pause in pauses if pause.scope == PauseScope.EVERYTHING}
    keys = [pause.pk for pause in pauses if pause.scope != PauseScope.EVERYTHING]
    if keys:
        with by_index() as cursor:
            cursor.execute(_HELD, {"pauses": keys, "limit": CAP + 1})
            found |= {key: Count.upto(CAP, number) for key, number in cursor.fetchall()}
    return found
