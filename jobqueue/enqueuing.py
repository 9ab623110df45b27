"""Enqueuing: checked options in, one INSERT (or one COPY) out, in the caller's transaction."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from jobqueue.exceptions import InvalidOptionError
from jobqueue.ids import uuid7
from jobqueue.registry import registry
from jobqueue.states import UNFINISHED, Priority
from jobqueue.wakeup import wake_after_commit

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_UNIQUE_STATES = [status.value for status in UNFINISHED]
_COLUMNS = (
    "id", "task_type", "payload", "queue", "priority", "run_at", "deadline", "timeout", "max_attempts",
    "created_by_id", "schedule_id", "occurrence", "parent_id", "unique_key", "unique_states", "tags",
)  # fmt: skip
_UNIQUE_KEY = _COLUMNS.index("unique_key")
_COLUMN_LIST = ", ".join(_COLUMNS)

# The notification rides on the caller's commit, so that an idle worker costs an enqueue no second flush.
_INSERT_ONE = f"""
INSERT INTO jobqueue_job ({_COLUMN_LIST})
VALUES ({", ".join(["%s"] * len(_COLUMNS))})
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
    """False: an unfinished job with the same unique key exists already; this is its id."""


@dataclass(frozen=True, kw_only=True)
class NewJob:
    """One job for `enqueue_many`; the options are those of `enqueue`."""

    task_type: str
    payload: Any = None
    run_at: datetime | None = None
    delay: timedelta | None = None
    priority: int = Priority.NORMAL
    queue: str = "default"
    unique_key: str | None = None
    max_attempts: int | None = None
    timeout: timedelta | None = None
    deadline: datetime | None = None
    created_by: int | None = None
    tags: Sequence[str] = ()
    schedule: int | None = None
    occurrence: datetime | None = None
    parent: UUID | None = None


def insert(job: NewJob) -> Enqueued:
    """Insert one job, unless its unique key is held by an unfinished one.

    Raises:
        UnknownTaskTypeError, InvalidPayloadError, InvalidOptionError: nothing is stored.
    """
    enqueued, is_notified = _insert_row(_row(job, timezone.now()))
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
    now = timezone.now()
    rows = [_row(job, now) for job in jobs]
    with transaction.atomic():
        enqueued = _insert_rows(rows)
        if any(one.created for one in enqueued):
            wake_after_commit()
    return enqueued


def _insert_rows(rows: list[tuple[Any, ...]]) -> list[Enqueued]:
    if any(row[_UNIQUE_KEY] is not None for row in rows):
        return [_insert_row(row)[0] for row in rows]
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row)
    return [Enqueued(id=row[0], created=True) for row in rows]


def _insert_row(row: tuple[Any, ...]) -> tuple[Enqueued, bool]:
    """What was done, and whether the commit notifies a sleeping worker."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_INSERT_ONE, row)
            inserted = cursor.fetchone()
            if inserted is not None:
                return Enqueued(id=inserted[0], created=True), bool(inserted[1])
            cursor.execute(_HOLDER, [row[_UNIQUE_KEY]])
            holder = cursor.fetchone()
            if holder is not None:
                return Enqueued(id=holder[0], created=False), False
        # The holder finished between the two statements: the key is free again.


def _row(job: NewJob, now: datetime) -> tuple[Any, ...]:
    task_type = registry.get(job.task_type)
    payload = task_type.encode(job.payload)
    unique_key = job.unique_key if job.unique_key is not None else task_type.unique_key(payload)
    return (
        uuid7(),
        job.task_type,
        payload,
        _text("queue", job.queue, 64),
        _priority(job.priority),
        _run_at(job, now),
        _aware("deadline", job.deadline),
        _positive("timeout", job.timeout),
        _max_attempts(task_type.retry.max_attempts if job.max_attempts is None else job.max_attempts),
        job.created_by,
        job.schedule,
        job.occurrence,
        job.parent,
        None if unique_key is None else _text("unique_key", unique_key, 255),
        None if unique_key is None else _UNIQUE_STATES,
        [_text("tags", tag, 64) for tag in job.tags],
    )


def _run_at(job: NewJob, now: datetime) -> datetime:
    if job.delay is not None and job.run_at is not None:
        raise InvalidOptionError("Give run_at or delay, not both.")
    if job.delay is None:
        return _aware("run_at", job.run_at) or now
    if job.delay < timedelta():
        raise InvalidOptionError(f"delay is {job.delay}: expected no negative time.")
    try:
        return now + job.delay
    except OverflowError:
        raise InvalidOptionError(f"delay is {job.delay}: that is after the year 9999.") from None


def _aware(name: str, moment: datetime | None) -> datetime | None:
    if moment is not None and timezone.is_naive(moment):
        raise InvalidOptionError(f"{name} is {moment.isoformat()}: expected a time with a time zone.")
    return moment


def _positive(name: str, span: timedelta | None) -> timedelta | None:
    if span is not None and span <= timedelta():
        raise InvalidOptionError(f"{name} is {span}: expected more than nothing.")
    return span


def _max_attempts(number: int) -> int:
    if not 1 <= number <= 32_767:
        raise InvalidOptionError(f"max_attempts is {number}: expected 1 to 32767.")
    return number


def _priority(value: int) -> int:
    try:
        return Priority(value).value
    except ValueError:
        names = ", ".join(f"{level.name} ({level.value})" for level in Priority)
        raise InvalidOptionError(f"priority is {value!r}: expected one of {names}.") from None


def _text(name: str, value: str, longest: int) -> str:
    if not isinstance(value, str):
        raise InvalidOptionError(f"{name} is {value!r}: expected 1 to {longest} characters.")
    if not 1 <= len(value) <= longest or _UNSTORABLE.search(value):
        raise InvalidOptionError(
            f"{name} is {value[:80]!r}: expected 1 to {longest} characters without NUL and half surrogates."
        )
    return value
