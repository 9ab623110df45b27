"""Enqueuing: checked options in, one INSERT (or one COPY) out, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from jobqueue import dependencies
from jobqueue.new_job import COLUMNS, UNIQUE_KEY, NewJob, row
from jobqueue.states import Status
from jobqueue.wakeup import wake_after_commit

__all__ = ["Enqueued", "NewJob", "chain", "group", "insert", "insert_many"]

_COLUMN_LIST = ", ".join(COLUMNS)

# The notification rides on the caller's commit, so that an idle worker costs an enqueue no second flush.
_INSERT_ONE = f"""
INSERT INTO jobqueue_job ({_COLUMN_LIST})
VALUES ({", ".join(["%s"] * len(COLUMNS))})
ON CONFLICT (unique_key) WHERE unique_key IS NOT NULL AND status = ANY (unique_states) DO NOTHING
RETURNING id, jobqueue_wake_sleepers()
"""  # noqa: S608  constants only
_COPY = f"COPY jobqueue_job ({_COLUMN_LIST}) FROM STDIN"
_HOLDER = """
SELECT id FROM jobqueue_job WHERE unique_key = %s AND unique_key IS NOT NULL AND status = ANY (unique_states)
"""


@dataclass(frozen=True, kw_only=True)
class Enqueued:
    """What `enqueue` did."""

    id: UUID
    created: bool
    """False: a job with the same unique key exists already; this is its id."""


def insert(job: NewJob) -> Enqueued:
    """Insert one job, unless its unique key is held by another.

    Raises:
        UnknownTaskTypeError, InvalidPayloadError, InvalidOptionError: nothing is stored.
    """
    if job.depends_on:
        return _insert_dependent(job)
    enqueued, is_notified = _insert_row(row(job, timezone.now()))
    if enqueued.created and not is_notified and connection.in_atomic_block:
        # A worker may fall asleep before we commit. Without a transaction that is now, and the
        # worker's second look (see claimer.py) spares every enqueue this round trip.
        wake_after_commit()
    return enqueued


def insert_many(jobs: Iterable[NewJob]) -> list[Enqueued]:
    """Insert any number of jobs; without unique keys by one COPY. All or nothing.

    Raises:
        UnknownTaskTypeError, InvalidPayloadError, InvalidOptionError: nothing is stored.
    """
    now, wanted = timezone.now(), list(jobs)
    with transaction.atomic():
        parents = dependencies.look_up({id_ for job in wanted for id_ in job.depends_on})
        rows = [row(job, now, dependencies.unmet(job, parents)) for job in wanted]
        enqueued = _insert_rows(rows)
        edges = [(one.id, job) for one, job in zip(enqueued, wanted, strict=True) if one.created and job.depends_on]
        if edges:
            dependencies.write(edges, parents)
        if any(one.created for one in enqueued):
            wake_after_commit()
    return enqueued


def chain(jobs: Sequence[NewJob]) -> list[Enqueued]:
    """Insert jobs each of which waits for the one before it, besides what it depends on itself.

    Raises:
        UnknownTaskTypeError, InvalidPayloadError, InvalidOptionError: nothing is stored.
    """
    now, wanted = timezone.now(), list(jobs)
    with transaction.atomic():
        parents = dependencies.look_up({id_ for job in wanted for id_ in job.depends_on})
        rows = [row(job, now, dependencies.unmet(job, parents) + (at > 0)) for at, job in enumerate(wanted)]
        if not rows or any(values[UNIQUE_KEY] is not None for values in rows):
            return _chain_one_by_one(wanted)
        enqueued = _insert_rows(rows)
        parents |= {one.id: Status.PENDING.value for one in enqueued}
        links = [wanted[0]]
        links += [replace(job, depends_on=[*job.depends_on, enqueued[at].id]) for at, job in enumerate(wanted[1:])]
        dependencies.write([(one.id, job) for one, job in zip(enqueued, links, strict=True)], parents)
        wake_after_commit()
    return enqueued


def _chain_one_by_one(jobs: Iterable[NewJob]) -> list[Enqueued]:
    """Where the one before may be a job that is there already, in whatever state."""
    enqueued: list[Enqueued] = []
    for job in jobs:
        before = [enqueued[-1].id] if enqueued else []
        enqueued.append(insert(replace(job, depends_on=[*job.depends_on, *before])))
    return enqueued


def group(jobs: Iterable[NewJob], then: NewJob) -> tuple[list[Enqueued], Enqueued]:
    """Insert jobs that run side by side, and one that waits for all of them.

    Returns:
        The jobs, and the one after them.

    Raises:
        UnknownTaskTypeError, InvalidPayloadError, InvalidOptionError: nothing is stored.
    """
    with transaction.atomic():
        members = insert_many(jobs)
        last = insert(replace(then, depends_on=[*then.depends_on, *(one.id for one in members)]))
    return members, last


def _insert_dependent(job: NewJob) -> Enqueued:
    (enqueued,) = insert_many([job])
    return enqueued


def _insert_rows(rows: list[tuple[Any, ...]]) -> list[Enqueued]:
    if len(rows) == 1 or any(values[UNIQUE_KEY] is not None for values in rows):
        return [_insert_row(values)[0] for values in rows]
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for values in rows:
            copy.write_row(values)
    return [Enqueued(id=values[0], created=True) for values in rows]


def _insert_row(values: tuple[Any, ...]) -> tuple[Enqueued, bool]:
    """What was done, and whether the commit notifies a sleeping worker."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_INSERT_ONE, values)
            inserted = cursor.fetchone()
            if inserted is not None:
                return Enqueued(id=inserted[0], created=True), bool(inserted[1])
            cursor.execute(_HOLDER, [values[UNIQUE_KEY]])
            holder = cursor.fetchone()
            if holder is not None:
                return Enqueued(id=holder[0], created=False), False
        # The holder finished between the two statements: the key is free again.
