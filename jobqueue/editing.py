"""Editing a job that has not begun: what people may change, and how it is checked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import F

from jobqueue import new_job
from jobqueue.exceptions import InvalidOptionError, InvalidPayloadError
from jobqueue.models import Job
from jobqueue.registry import registry
from jobqueue.states import Priority, Status
from jobqueue.transitions import Moved
from jobqueue.wakeup import wake_after_commit


class Unchanged(Enum):
    """The type of `UNCHANGED`."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


@dataclass(frozen=True, kw_only=True)
class JobChanges:
    """New values; what is not given stays. None takes a timeout or deadline away."""

    payload: Any = UNCHANGED
    run_at: datetime | Unchanged = UNCHANGED
    priority: Priority | Unchanged = UNCHANGED
    queue: str | Unchanged = UNCHANGED
    max_attempts: int | Unchanged = UNCHANGED
    timeout: timedelta | Unchanged | None = UNCHANGED
    deadline: datetime | Unchanged | None = UNCHANGED
    tags: Sequence[str] | Unchanged = UNCHANGED

    def given(self) -> dict[str, Any]:
        """The values that were given, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not UNCHANGED}


def edit(id_: UUID, changes: JobChanges) -> Moved:
    """Change a pending job; a job in any other state is left alone.

    Raises:
        UnknownTaskTypeError, InvalidPayloadError, InvalidOptionError: nothing is changed.
    """
    try:
        with transaction.atomic():
            job = Job.objects.select_for_update().filter(pk=id_).first()
            if job is None:
                return Moved(skipped={id_: "unknown job"})
            if job.status != Status.PENDING:
                return Moved(skipped={id_: job.status})
            Job.objects.filter(pk=id_).update(**_columns(job, changes.given()))
            wake_after_commit()
    except IntegrityError:
        return Moved(skipped={id_: "its unique key is taken"})
    return Moved(done=[id_])


def _columns(job: Job, given: dict[str, Any]) -> dict[str, Any]:
    columns = {name: _CHECKS[name](value) for name, value in given.items() if name in _CHECKS}
    if "payload" in given:
        columns["payload"] = msgspec.json.decode(registry.get(job.task_type).encode(given["payload"]))
    if "max_attempts" in columns:
        columns["max_attempts"] = max(columns["max_attempts"], job.attempts)
    if columns.keys() & {"payload", "run_at"}:
        columns |= _keys(job, columns)
    if job.parked and columns.keys() & {"queue", "payload"}:
        # The reason may not hold any more; the claim, or upkeep, judges anew.
        columns |= {"parked": "", "blockers": F("blockers") - 1}
    return columns


def _time(value: datetime) -> datetime:
    moment = new_job.aware("run_at", value)
    if moment is None:
        raise InvalidOptionError("run_at is None: expected a time with a time zone.")
    return moment


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "run_at": _time,
    "priority": new_job.priority,
    "queue": lambda value: new_job.text("queue", value, 64),
    "max_attempts": new_job.max_attempts,
    "timeout": lambda value: new_job.positive("timeout", value),
    "deadline": lambda value: new_job.aware("deadline", value),
    "tags": new_job.tags,
}


def _keys(job: Job, columns: dict[str, Any]) -> dict[str, Any]:
    """The keys that the task type's rules make of the new values; keys that somebody chose stay."""
    if job.task_type not in registry.names():
        return {}
    task_type, run_at = registry.get(job.task_type), columns.get("run_at", job.run_at)
    before, after = (_encode(payload) for payload in (job.payload, columns.get("payload", job.payload)))
    try:
        old, held = task_type.unique_key(before, job.run_at), task_type.place(before)
    except InvalidPayloadError:  # it is not what the handler takes (any more), and so made no key
        return {}
    keys: dict[str, Any] = {}
    if job.unique_key == (old.key if old else None):
        new = task_type.unique_key(after, run_at)
        keys["unique_key"] = new_job.text("unique_key", new.key, 255) if new else None
        keys["unique_states"] = new.states if new else None
    if job.concurrency_key == (held.key if held else None):
        wanted = task_type.place(after)
        keys["concurrency_key"] = new_job.text("concurrency_key", wanted.key, 255) if wanted else None
        keys["concurrency_limit"] = wanted.limit if wanted else None
    return keys


def _encode(payload: Any) -> str:
    return msgspec.json.encode(payload).decode()
