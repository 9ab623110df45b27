"""Schedules: made, edited, deleted and run by people."""

from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict

from jobqueue import scheduler
from jobqueue.audit import Actor, record
from jobqueue.enqueuing import Enqueued
from jobqueue.exceptions import JobQueueError
from jobqueue.models import Schedule
from jobqueue.models.audit_entry import Action

SCHEDULE = "schedule"
_TIMING = {"expression", "timezone", "is_active"}


def save_schedule(schedule: Schedule, actor: Actor) -> None:
    """Store a new schedule, or what was changed in one; the caller has cleaned it.

    A change of its times counts at once; any other leaves an occurrence that is due alone.

    Raises:
        InvalidExpressionError, InvalidTimezoneError: see `Schedule.clean`.
    """
    with transaction.atomic():
        before = _stored(schedule)
        if before is None:
            _create(schedule, actor)
        else:
            _edit(schedule, actor, before)


def delete_schedule(schedule: Schedule, actor: Actor, reason: str = "") -> None:
    """Delete a schedule with its occurrences; its jobs stay."""
    with transaction.atomic():
        before, key = _stored(schedule), schedule.pk
        Schedule.objects.filter(pk=key).delete()
        refusal = "" if before else "it is gone already"
        _record(actor, Action.SCHEDULE_DELETE, schedule, before=before, reason=refusal or reason, refused=not before)


def run_schedule(schedule: Schedule, actor: Actor) -> Enqueued:
    """Enqueue the schedule's job now, beside its next occurrence.

    Raises:
        JobQueueError: the schedule's task type or payload is not valid any more; recorded as refused.
    """
    try:
        with transaction.atomic():
            enqueued = scheduler.run_schedule(schedule, by=actor.user_id)
            refusal = "" if enqueued.created else "its job is unfinished and its only one"
            after = {"job": enqueued.id} if enqueued.created else None
            _record(actor, Action.SCHEDULE_RUN, schedule, after=after, reason=refusal, refused=bool(refusal))
    except JobQueueError as error:
        _record(actor, Action.SCHEDULE_RUN, schedule, reason=str(error), refused=True)
        raise
    return enqueued


def _create(schedule: Schedule, actor: Actor) -> None:
    schedule.created_by_id = actor.user_id
    schedule.reschedule()
    schedule.save(force_insert=True)
    _record(actor, Action.SCHEDULE_CREATE, schedule, after=_facts(schedule))


def _edit(schedule: Schedule, actor: Actor, before: dict[str, Any]) -> None:
    now = _facts(schedule)
    changed = [name for name, value in now.items() if value != before[name]]
    if not changed:
        return
    written = list(changed)
    if _TIMING & set(changed):
        schedule.reschedule()
        written.append("next_run_at")
    schedule.save(update_fields=written)
    _record(
        actor,
        Action.SCHEDULE_EDIT,
        schedule,
        before={name: before[name] for name in changed},
        after={name: now[name] for name in changed},
    )


def _stored(schedule: Schedule) -> dict[str, Any] | None:
    row = Schedule.objects.select_for_update(of=("self",)).filter(pk=schedule.pk).first()
    return _facts(row) if row else None


def _facts(schedule: Schedule) -> dict[str, Any]:
    """The fields that people set."""
    return model_to_dict(schedule, exclude=["id"])


def _record(
    actor: Actor,
    action: Action,
    schedule: Schedule,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    refused: bool = False,
) -> None:
    record(
        actor,
        action,
        object_type=SCHEDULE,
        object_id=str(schedule.pk),
        object_label=schedule.name,
        before=before,
        after=after,
        reason=reason,
        is_refused=refused,
    )
