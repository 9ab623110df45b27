"""Schedules: made, edited, deleted and run by people."""

from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict
from django.utils import timezone

from jobqueue import scheduler
from jobqueue.alerts import clear_alerts, rename_alerts
from jobqueue.audit import Actor, record
from jobqueue.enqueuing import Enqueued
from jobqueue.exceptions import JobQueueError
from jobqueue.models import Job, Schedule
from jobqueue.models.alert import AlertKind
from jobqueue.models.audit_entry import Action

SCHEDULE = "schedule"
_TIMING = {"kind", "expression", "interval", "timezone", "starts_at", "ends_at", "is_active"}
_JOB = {"task_type", "payload", "scope", "queue", "priority", "max_attempts", "jitter"}


def save_schedule(schedule: Schedule, actor: Actor | None) -> None:
    """Store a new schedule, or what was changed in one; the caller has cleaned it.

    A change of its times counts at once; any other leaves an occurrence that is due alone.

    Args:
        actor: None for a program, which leaves no entry.

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
        _hold_jobs(schedule)
        before, key = _stored(schedule), schedule.pk
        if before and before["interval"] is not None:
            scheduler.withdraw_upcoming(schedule)
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


def _create(schedule: Schedule, actor: Actor | None) -> None:
    schedule.created_by_id = actor.user_id if actor else None
    schedule.reschedule()
    schedule.save(force_insert=True)
    _record(actor, Action.SCHEDULE_CREATE, schedule, after=_facts(schedule))


def _edit(schedule: Schedule, actor: Actor | None, before: dict[str, Any]) -> None:
    now = _facts(schedule)
    changed = [name for name, value in now.items() if value != before[name]]
    if not changed:
        return
    written = {*changed, *_move(schedule, set(changed), was_interval=before["interval"] is not None)}
    schedule.save(update_fields=written)
    clear_alerts(AlertKind.SCHEDULE_INVALID, [schedule.pk], timezone.now())
    if "name" in changed:
        rename_alerts(schedule)
    _record(
        actor,
        Action.SCHEDULE_EDIT,
        schedule,
        before={name: before[name] for name in changed},
        after={name: now[name] for name in changed},
    )


def _move(schedule: Schedule, changed: set[str], *, was_interval: bool) -> set[str]:
    """Have the change count for what comes next; returns the fields that this set."""
    is_early = was_interval and bool((_TIMING | _JOB) & changed)
    if is_early:
        # An interval schedule's next job is in the queue already, as it would have been without the change.
        scheduler.withdraw_upcoming(schedule)
    if _TIMING & changed:
        schedule.reschedule()
        return {"next_run_at", "counts_from"}
    if is_early and schedule.is_active:
        schedule.next_run_at = timezone.now()
        return {"next_run_at"}
    return set()


def _hold_jobs(schedule: Schedule) -> None:
    # A job that ends holds its own row and asks for that of its schedule: whoever needs both takes them in that order.
    unfinished = Job.objects.filter(schedule=schedule, occurrence__isnull=False, finished_at=None)
    list(unfinished.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))


def _stored(schedule: Schedule) -> dict[str, Any] | None:
    row = Schedule.objects.select_for_update(of=("self",)).filter(pk=schedule.pk).first()
    return _facts(row) if row else None


def _facts(schedule: Schedule) -> dict[str, Any]:
    """The fields that people set."""
    return model_to_dict(schedule, exclude=["id"])


def _record(
    actor: Actor | None,
    action: Action,
    schedule: Schedule,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    refused: bool = False,
) -> None:
    if actor is None:
        return
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
