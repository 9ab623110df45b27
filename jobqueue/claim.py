"""Claiming: one statement that takes up to n due jobs for a worker, skipping what others hold."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import product
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from jobqueue.floors import Floors, Lane
from jobqueue.places import park_beyond_limit
from jobqueue.states import MAINTENANCE, Priority

_LEVELS = "{" + ",".join(str(level) for level in sorted(Priority.values, reverse=True)) + "}"

# What is walked: every priority level, highest first; or for a worker of some queues each of them per level, so that
# it never walks over the jobs of others. Each has its own partial index in exactly that order. One function makes the
# lanes: of two that are joined the planner would choose the order.
_ALL = f"unnest('{_LEVELS}'::smallint[]) AS lane (priority)"
_SOME = "unnest(%(levels)s::smallint[], %(queues)s::text[]) AS lane (priority, queue)"
_IN_ALL = "job.blockers = 0 AND job.priority = lane.priority"
# "< 1" is the condition of its own index and does not imply that of the other, which the planner may take for as good.
_IN_SOME = "job.blockers < 1 AND job.priority = lane.priority AND job.queue = lane.queue"

# One index scan per lane, each exactly the due part of its index in order: no sort, no walk over jobs of the future,
# no look at history. The lanes come highest first and the outer LIMIT stops the loop, so lower ones are not even
# visited while higher ones fill the batch. What waits for other jobs or is parked is not in the index.
# The ids go through an array so that the update is n look-ups by primary key, whatever the planner's statistics.
_CLAIM = """
WITH due AS MATERIALIZED (
    SELECT picked.id
    FROM {lanes}
    CROSS JOIN LATERAL (
        SELECT job.id
        FROM jobqueue_job AS job
        WHERE job.status IN ('pending', 'retrying')
          AND {in_lane}
          AND job.run_at <= statement_timestamp()
          AND job.queue NOT IN (
              SELECT name FROM jobqueue_pause
              WHERE scope = 'queue' AND (ends_at IS NULL OR ends_at > statement_timestamp()))
          AND job.task_type NOT IN (
              SELECT name FROM jobqueue_pause
              WHERE scope = 'task_type' AND (ends_at IS NULL OR ends_at > statement_timestamp()))
        ORDER BY job.run_at, job.id
        LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED
    ) AS picked
    WHERE NOT EXISTS (
        SELECT 1 FROM jobqueue_pause
        WHERE scope = 'everything' AND (ends_at IS NULL OR ends_at > statement_timestamp()))
    LIMIT %(limit)s
)
UPDATE jobqueue_job AS job
SET status = 'running', claim = job.claim + 1, worker_id = %(worker)s, started_at = NULL,
    progress_done = NULL, progress_total = NULL, progress_message = ''
WHERE job.id = ANY (ARRAY(SELECT due.id FROM due))
RETURNING job.id::text, job.claim, job.task_type, job.payload::text, job.attempts + 1, job.max_attempts,
    extract(epoch FROM job.timeout)::float8, extract(epoch FROM job.deadline)::float8,
    extract(epoch FROM job.occurrence)::float8, job.checkpoint::text, job.postponed,
    job.priority, job.run_at, job.concurrency_key
"""

# So that a backlog of jobs whose key has no place left is walked over once, in large steps, and not by every claim.
_PARK_AHEAD = """
WITH taken AS MATERIALIZED (
    SELECT asked.key, (SELECT count(*) FROM jobqueue_job AS job
                       WHERE job.concurrency_key = asked.key AND job.concurrency_key IS NOT NULL
                         AND job.worker_id IS NOT NULL) AS jobs
    FROM unnest(%(keys)s::text[]) AS asked (key)
), due AS MATERIALIZED (
    SELECT picked.id
    FROM {lanes}
    CROSS JOIN LATERAL (
        SELECT job.id, job.concurrency_key
        FROM jobqueue_job AS job
        WHERE job.status IN ('pending', 'retrying') AND {in_lane}
          AND job.run_at <= statement_timestamp()
        ORDER BY job.run_at, job.id
        LIMIT 1000
    ) AS picked
    WHERE picked.concurrency_key = ANY (%(keys)s::text[])
), hopeless AS MATERIALIZED (
    SELECT job.id FROM jobqueue_job AS job
    WHERE job.id = ANY (ARRAY(SELECT due.id FROM due))
      AND job.finished_at IS NULL AND job.worker_id IS NULL AND job.blockers = 0  -- it waits still; see parking.py
      AND job.concurrency_limit <= (SELECT taken.jobs FROM taken WHERE taken.key = job.concurrency_key)
    FOR UPDATE SKIP LOCKED
)
UPDATE jobqueue_job AS job SET parked = 'limited', blockers = 1
WHERE job.id = ANY (ARRAY(SELECT hopeless.id FROM hopeless))
"""

# One probe of the same index per lane. What is due already was claimed or is held back by something.
_NEXT_DUE = """
SELECT extract(epoch FROM min(soonest.run_at) - statement_timestamp())::float8
FROM {lanes}
CROSS JOIN LATERAL (
    SELECT job.run_at FROM jobqueue_job AS job
    WHERE job.status IN ('pending', 'retrying') AND {in_lane}
      AND job.run_at > statement_timestamp()
    ORDER BY job.run_at LIMIT 1
) AS soonest
"""

_CLAIM_ALL, _CLAIM_SOME = (
    _CLAIM.format(lanes=lanes, in_lane=in_lane) for lanes, in_lane in ((_ALL, _IN_ALL), (_SOME, _IN_SOME))
)
# For who has floors: the same with the queues, and the same from each lane's floor on.
_TRACED_ALL, _TRACED_SOME = (f"{sql.rstrip()}, job.queue" for sql in (_CLAIM_ALL, _CLAIM_SOME))
_BEYOND_ALL, _BEYOND_SOME = (
    sql.replace(") AS lane (priority", ", %(since)s::timestamptz[], %(first)s::uuid[]) AS lane (priority")
    .replace(f"lane (priority{queue})", f"lane (priority{queue}, since, first)")
    .replace("AND job.run_at <=", "AND (job.run_at, job.id) >= (lane.since, lane.first) AND job.run_at <=")
    for sql, queue in ((_TRACED_ALL, ""), (_TRACED_SOME, ", queue"))
)
_PARK_AHEAD_ALL, _PARK_AHEAD_SOME = (
    _PARK_AHEAD.format(lanes=lanes, in_lane=in_lane) for lanes, in_lane in ((_ALL, _IN_ALL), (_SOME, _IN_SOME))
)
_NEXT_DUE_ALL, _NEXT_DUE_SOME = (
    _NEXT_DUE.format(lanes=lanes, in_lane=in_lane) for lanes, in_lane in ((_ALL, _IN_ALL), (_SOME, _IN_SOME))
)


class ClaimedJob(NamedTuple):
    """What the executor needs of a claimed job. Times are seconds since 1970, JSON is text."""

    id: str
    claim: int
    task_type: str
    payload: str
    number: int
    """The attempt that this claim begins, 1 for the first."""
    max_attempts: int
    timeout: float | None
    deadline: float | None
    occurrence: float | None
    checkpoint: str | None
    postponed: int
    """How often in a row its handler asked to be run later."""


def claim(
    worker: UUID,
    limit: int,
    queues: Sequence[str] = (),
    *,
    at: datetime | None = None,
    only: UUID | None = None,
    despite_stop: bool = False,
    floors: Floors | None = None,
) -> list[ClaimedJob]:
    """Take up to `limit` due jobs for the worker; they are `running` when this returns.

    Args:
        queues: take jobs of these queues only, and of the maintenance queue; empty for all. Within a priority level
            the first named come first.
        at: take what is due at this time, for tests whose clock is not the database's.
        only: with `at`, no other job than this one.
        despite_stop: also while everything is paused. The pauses of queues and task types hold still.
        floors: of a worker that claims again and again; not with `at`.

    Returns:
        The jobs in the order in which they should run.
    """
    as_of = _as_of if at is not None else str
    params = {"worker": worker, "limit": limit, **_lanes(_with_maintenance(queues)), "at": at, "only": only}
    sql = _CLAIM_SOME if queues else _CLAIM_ALL
    jobs = _claim(as_of(sql), params).jobs if floors is None else _claim_on(params, floors)
    if despite_stop:
        return jobs or _claim(as_of(_while_stopped(sql)), params).jobs
    # While everything is paused, what people asked for goes on: whoever cancels a flood must not resume it for that.
    return jobs or _claim(as_of(_while_stopped(_CLAIM_SOME)), {**params, **_lanes([MAINTENANCE])}).jobs


def _claim_on(params: dict[str, Any], floors: Floors) -> list[ClaimedJob]:
    """From the floors on while they hold; from the beginning if they do not, or what is behind them is too little."""
    traced, beyond = (_TRACED_SOME, _BEYOND_SOME) if params["queues"] else (_TRACED_ALL, _BEYOND_ALL)
    found = _claim(beyond, params, floors) if floors.hold else _Found([], 0)
    if found.rows == params["limit"]:
        return found.jobs
    began = time.monotonic()
    others = _claim(traced, {**params, "limit": params["limit"] - found.rows}, floors)
    floors.looked(time.monotonic() - began, others.rows)
    return found.jobs + others.jobs


class _Found(NamedTuple):
    jobs: list[ClaimedJob]
    rows: int
    """How many were taken, with those that were parked at once."""


def _claim(sql: str, params: dict[str, Any], floors: Floors | None = None) -> _Found:
    park_ahead = _PARK_AHEAD_SOME if params["queues"] else _PARK_AHEAD_ALL
    while True:
        with _in_index_order() as cursor:
            cursor.execute(sql, params if floors is None else params | floors.parameters(_keys(params)))
            rows = cursor.fetchall()
            if floors is not None:
                floors.reached(((row[11], row[14] if params["queues"] else ""), (row[12], row[0])) for row in rows)
            keyed = {row[0]: row[13] for row in rows if row[13] is not None}
            refused = park_beyond_limit(cursor, keyed) if keyed else ()
            if is_stuck := len(refused) == len(rows) > 0:
                # There may be others behind them.
                cursor.execute("SET LOCAL enable_sort = off")
                ahead = park_ahead if params["at"] is None else _as_of(park_ahead)
                cursor.execute(ahead, {**params, "keys": sorted(set(keyed.values()))})
        if is_stuck:
            continue
        # RETURNING keeps no order.
        rows.sort(key=lambda row: (-row[11], row[12], row[0]))
        return _Found([ClaimedJob._make(row[:11]) for row in rows if row[0] not in refused], len(rows))


def seconds_until_due(queues: Sequence[str] = ()) -> float | None:
    """How long until the next job of the future is due, or None if none waits."""
    with _in_index_order() as cursor:
        cursor.execute(_NEXT_DUE_SOME if queues else _NEXT_DUE_ALL, _lanes(_with_maintenance(queues)))
        row = cursor.fetchone()
    return None if row is None else row[0]


def _while_stopped(sql: str) -> str:
    """The same statement for the time of a pause of everything, and for no other."""
    return sql.replace("WHERE NOT EXISTS (", "WHERE EXISTS (")


def _as_of(sql: str) -> str:
    """The same statement with another time than the database's, and for one job if only one is wanted."""
    due = "job.run_at <= statement_timestamp()"
    only = f"{due} AND (%(only)s::uuid IS NULL OR job.id = %(only)s::uuid)"
    return sql.replace(due, only).replace("statement_timestamp()", "%(at)s::timestamptz")


def _with_maintenance(queues: Sequence[str]) -> list[str]:
    return [*queues, MAINTENANCE] if queues else []


def _lanes(queues: Sequence[str]) -> dict[str, list[Any]]:
    lanes = list(product(sorted(Priority.values, reverse=True), queues))
    return {"levels": [level for level, _ in lanes], "queues": [queue for _, queue in lanes]}


def _keys(params: dict[str, Any]) -> list[Lane]:
    """The lanes of a statement, as floors know them."""
    if params["queues"]:
        return list(zip(params["levels"], params["queues"], strict=True))
    return [(level, "") for level in sorted(Priority.values, reverse=True)]


@contextmanager
def _in_index_order() -> Iterator[CursorWrapper]:
    # Statistics of a queue are stale by nature: they may say that nothing waits while a million jobs do, and then
    # the planner would read and sort them all rather than walk the index. It must not have that choice.
    is_inner = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        yield cursor
        if is_inner:
            cursor.execute("SET LOCAL enable_sort TO DEFAULT")  # the caller's transaction goes on
