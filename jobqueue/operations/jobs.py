"""Jobs: created, retried, made due, cancelled, deleted and edited by people."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from jobqueue import editing, enqueuing, transitions
from jobqueue.audit import Actor, record
from jobqueue.editing import JobChanges
from jobqueue.enqueuing import Enqueued
from jobqueue.models import Job
from jobqueue.models.audit_entry import Action
from jobqueue.new_job import NewJob
from jobqueue.transitions import Moved

JOB = "job"
JOBS = "jobs"
MOST_IDS = 100

_STATE = ("status", "run_at", "attempts", "max_attempts", "cancel_requested_at", "error_code")
_WHOLE = (
    "task_type", "payload", "queue", "priority", "status", "run_at", "attempts", "max_attempts", "timeout", "deadline",
    "tags", "unique_key", "concurrency_key", "schedule_id", "created_by_id",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Deed:
    """What is to be recorded of a verb."""

    action: Action
    actor: Actor
    reason: str = ""
    fields: tuple[str, ...] = _STATE
    """What a single job's entry says before and after."""


def retry(ids: Iterable[UUID], actor: Actor, *, delay: timedelta | None = None, reason: str = "") -> Moved:
    """As `transitions.retry`.

    Raises:
        InvalidOptionError: the delay is negative, or longer than a hundred years.
    """
    deed = _Deed(action=Action.JOB_RETRY, actor=actor, reason=reason)
    return _do(ids, deed, lambda wanted: transitions.retry(wanted, delay=delay))


def run_now(ids: Iterable[UUID], actor: Actor) -> Moved:
    """As `transitions.run_now`."""
    return _do(ids, _Deed(action=Action.JOB_RUN_NOW, actor=actor), transitions.run_now)


def cancel(ids: Iterable[UUID], actor: Actor, reason: str = "") -> Moved:
    """As `transitions.cancel`, on behalf of the actor."""
    deed = _Deed(action=Action.JOB_CANCEL, actor=actor, reason=reason)
    return _do(ids, deed, lambda wanted: transitions.cancel(wanted, by=actor.user_id, reason=reason))


def delete(ids: Iterable[UUID], actor: Actor, reason: str = "") -> Moved:
    """As `transitions.delete`; the entry of a single job keeps what it was."""
    deed = _Deed(action=Action.JOB_DELETE, actor=actor, reason=reason, fields=_WHOLE)
    return _do(ids, deed, transitions.delete)


def edit(id_: UUID, changes: JobChanges, actor: Actor) -> Moved:
    """As `editing.edit`; the entry says what changed.

    Raises:
        UnknownTaskTypeError, InvalidPayloadError, InvalidOptionError: nothing is changed.
    """
    deed = _Deed(action=Action.JOB_EDIT, actor=actor, fields=tuple(changes.given()))
    return _do([id_], deed, lambda wanted: editing.edit(id_, changes))


def create(new_job: NewJob, actor: Actor) -> Enqueued:
    """Enqueue a job on behalf of the actor. One whose unique key is taken is recorded as refused.

    Raises:
        UnknownTaskTypeError, InvalidPayloadError, InvalidOptionError: nothing is stored.
    """
    if new_job.created_by is None:
        new_job = replace(new_job, created_by=actor.user_id)
    with transaction.atomic():
        enqueued = enqueuing.insert(new_job)
        record_creation(new_job.task_type, enqueued, actor)
    return enqueued


def record_creation(task_type: str, enqueued: Enqueued, actor: Actor) -> None:
    """Record that somebody enqueued a job, or was refused one because its unique key is taken."""
    record(
        actor,
        Action.JOB_CREATE,
        object_type=JOB,
        object_id=str(enqueued.id),
        object_label=_label(task_type, enqueued.id),
        after=_facts(enqueued.id, _WHOLE) if enqueued.created else None,
        reason="" if enqueued.created else "its unique key is taken",
        is_refused=not enqueued.created,
    )


def _do(ids: Iterable[UUID], deed: _Deed, verb: Callable[[list[UUID]], Moved]) -> Moved:
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return Moved()
    with transaction.atomic():
        return _do_one(wanted[0], deed, verb) if len(wanted) == 1 else _do_many(wanted, deed, verb)


def _do_one(id_: UUID, deed: _Deed, verb: Callable[[list[UUID]], Moved]) -> Moved:
    # Locked, so that what the entry says was before is what the verb found.
    found = _facts(id_, (*deed.fields, "task_type"), lock=True)
    before = {name: found[name] for name in deed.fields} if found else None
    moved = verb([id_])
    refusal = moved.skipped.get(id_)
    record(
        deed.actor,
        deed.action,
        object_type=JOB,
        object_id=str(id_),
        object_label=_label(found["task_type"], id_) if found else "",
        before=before,
        after=None if refusal else _facts(id_, deed.fields),
        reason=_both(refusal, deed.reason),
        is_refused=bool(refusal),
    )
    return moved


def _do_many(ids: list[UUID], deed: _Deed, verb: Callable[[list[UUID]], Moved]) -> Moved:
    moved = verb(ids)
    record(
        deed.actor,
        deed.action,
        object_type=JOBS,
        object_label=f"{len(ids):,} jobs",
        after={
            "done": len(moved.done),
            "requested": len(moved.requested),
            "skipped": dict(Counter(moved.skipped.values()).most_common()),
            "ids": [str(id_) for id_ in ids[:MOST_IDS]],
        },
        reason=deed.reason,
        is_refused=not (moved.done or moved.requested),
    )
    return moved


def _facts(id_: UUID, fields: tuple[str, ...], *, lock: bool = False) -> dict[str, Any] | None:
    jobs = Job.objects.order_by().filter(pk=id_)
    found: dict[str, Any] | None = (jobs.select_for_update() if lock else jobs).values(*fields).first()
    return found


def _label(task_type: str, id_: UUID) -> str:
    return str(Job(id=id_, task_type=task_type))


def _both(refusal: str | None, reason: str) -> str:
    if refusal is None:
        return reason
    return f"{refusal} (asked for because: {reason})" if reason else refusal
