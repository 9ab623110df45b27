"""A job to be enqueued: its options, and their checked way into a row."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from jobqueue.exceptions import InvalidOptionError
from jobqueue.ids import uuid7
from jobqueue.registry import Place, TaskType, UniqueKey, registry
from jobqueue.states import UNFINISHED, OnFailure, Priority

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_UNFINISHED = [status.value for status in UNFINISHED]

COLUMNS = (
    "id", "task_type", "payload", "queue", "priority", "run_at", "deadline", "timeout", "max_attempts",
    "created_by_id", "schedule_id", "occurrence", "parent_id", "unique_key", "unique_states", "tags",
    "concurrency_key", "concurrency_limit", "blockers",
)  # fmt: skip
"""In the order of `row`."""
UNIQUE_KEY = COLUMNS.index("unique_key")


@dataclass(frozen=True, kw_only=True)
class NewJob:
    """One job for `enqueue_many`, `chain` and `group`; the options are those of `enqueue`."""

    task_type: str
    payload: Any = None
    run_at: datetime | None = None
    delay: timedelta | None = None
    priority: int | None = None
    queue: str | None = None
    depends_on: Collection[UUID] = ()
    on_failure: OnFailure = OnFailure.HOLD
    unique_key: str | None = None
    concurrency_key: str | None = None
    concurrency_limit: int = 1
    max_attempts: int | None = None
    timeout: timedelta | None = None
    deadline: datetime | None = None
    created_by: int | None = None
    tags: Sequence[str] = ()
    schedule: int | None = None
    occurrence: datetime | None = None
    parent: UUID | None = None


def row(job: NewJob, now: datetime, blockers: int = 0) -> tuple[Any, ...]:
    """The checked values of `COLUMNS`.

    Args:
        blockers: how many jobs it waits for.

    Raises:
        UnknownTaskTypeError, InvalidPayloadError, InvalidOptionError: something is wrong with the job.
    """
    task_type = registry.get(job.task_type)
    payload = task_type.encode(job.payload)
    run_at = _run_at(job, now)
    unique = _unique(job, task_type, payload, run_at)
    place = _place(job, task_type, payload)
    return (
        uuid7(),
        job.task_type,
        payload,
        text("queue", task_type.queue if job.queue is None else job.queue, 64),
        priority(task_type.priority if job.priority is None else job.priority),
        run_at,
        aware("deadline", job.deadline),
        positive("timeout", job.timeout),
        max_attempts(task_type.retry.max_attempts if job.max_attempts is None else job.max_attempts),
        job.created_by,
        job.schedule,
        job.occurrence,
        job.parent,
        unique.key if unique else None,
        unique.states if unique else None,
        tags(job.tags),
        place.key if place else None,
        place.limit if place else None,
        blockers,
    )


def _unique(job: NewJob, task_type: TaskType, payload: str, run_at: datetime) -> UniqueKey | None:
    if job.unique_key is not None:
        return UniqueKey(text("unique_key", job.unique_key, 255), _UNFINISHED)
    unique = task_type.unique_key(payload, run_at)
    if unique is not None:
        text("unique_key", unique.key, 255)
    return unique


def _place(job: NewJob, task_type: TaskType, payload: str) -> Place | None:
    place = task_type.place(payload) if job.concurrency_key is None else None
    if job.concurrency_key is not None:
        place = Place(job.concurrency_key, job.concurrency_limit)
    if place is None:
        return None
    if not isinstance(place.limit, int) or not 1 <= place.limit <= 32_767:
        raise InvalidOptionError(f"concurrency_limit is {place.limit!r}: expected 1 to 32767.")
    return Place(text("concurrency_key", place.key, 255), place.limit)


def _run_at(job: NewJob, now: datetime) -> datetime:
    if job.delay is not None and job.run_at is not None:
        raise InvalidOptionError("Give run_at or delay, not both.")
    if job.delay is None:
        return aware("run_at", job.run_at) or now
    if job.delay < timedelta():
        raise InvalidOptionError(f"delay is {job.delay}: expected no negative time.")
    try:
        return now + job.delay
    except OverflowError:
        raise InvalidOptionError(f"delay is {job.delay}: that is after the year 9999.") from None


def aware(name: str, moment: datetime | None) -> datetime | None:
    """The time, if it has a time zone.

    Raises:
        InvalidOptionError: it has none.
    """
    if moment is not None and not isinstance(moment, datetime):
        raise InvalidOptionError(f"{name} is {moment!r}: expected a time with a time zone.")
    if moment is not None and timezone.is_naive(moment):
        raise InvalidOptionError(f"{name} is {moment.isoformat()}: expected a time with a time zone.")
    return moment


def positive(name: str, span: timedelta | None) -> timedelta | None:
    """The duration, if it is one.

    Raises:
        InvalidOptionError: it is zero or negative.
    """
    if span is not None and not isinstance(span, timedelta):
        raise InvalidOptionError(f"{name} is {span!r}: expected a timedelta.")
    if span is not None and span <= timedelta():
        raise InvalidOptionError(f"{name} is {span}: expected more than nothing.")
    return span


def on_failure(value: str) -> OnFailure:
    """The value, if it is a policy.

    Raises:
        InvalidOptionError: it is not; the message lists them.
    """
    try:
        return OnFailure(value)
    except ValueError:
        known = ", ".join(OnFailure.values)
        raise InvalidOptionError(f"on_failure is {value!r}: expected one of {known}.") from None


def max_attempts(number: int) -> int:
    """The number, if it can be a budget of attempts.

    Raises:
        InvalidOptionError: it cannot.
    """
    if not isinstance(number, int) or not 1 <= number <= 32_767:
        raise InvalidOptionError(f"max_attempts is {number!r}: expected 1 to 32767.")
    return number


def priority(value: int) -> int:
    """The value, if it is a level.

    Raises:
        InvalidOptionError: it is not; the message lists them.
    """
    try:
        return Priority(value).value
    except ValueError:
        names = ", ".join(f"{level.name} ({level.value})" for level in Priority)
        raise InvalidOptionError(f"priority is {value!r}: expected one of {names}.") from None


def tags(values: Sequence[str]) -> list[str]:
    """The tags, if each can be one.

    Raises:
        InvalidOptionError: one cannot, or they are no list of texts.
    """
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise InvalidOptionError(f"tags is {values!r}: expected a list of texts.")
    return [text("tags", tag, 64) for tag in values]


def text(name: str, value: str, longest: int) -> str:
    """The text, if it can be stored.

    Raises:
        InvalidOptionError: it is empty, too long, or holds what PostgreSQL does not store.
    """
    if not isinstance(value, str):
        raise InvalidOptionError(f"{name} is {value!r}: expected 1 to {longest} characters.")
    if not 1 <= len(value) <= longest or _UNSTORABLE.search(value):
        raise InvalidOptionError(
            f"{name} is {value[:80]!r}: expected 1 to {longest} characters without NUL and half surrogates."
        )
    return value
