"""Templates of schedules: shown, applied and undone by people."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone as clock

from jobqueue import cron
from jobqueue.audit import Actor, record
from jobqueue.exceptions import TemplateRefusedError
from jobqueue.models import TemplateApplication
from jobqueue.models.audit_entry import Action
from jobqueue.operations.schedules import delete_schedule, save_schedule
from jobqueue.operations.template_changes import (
    Preview,
    ScheduleChange,
    changes_by,
    concerned,
    facts,
    problems_of,
    reversal,
)
from jobqueue.schedule_templates import ScheduleTemplate

TEMPLATE = "template"
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('jobqueue.templates', 0))"


def preview_template(template: ScheduleTemplate, timezone: str | None = None) -> Preview:
    """What applying it would change.

    Args:
        timezone: for the template's schedules; None leaves each its own, and a new one UTC.

    Raises:
        InvalidTimezoneError: no such zone.
    """
    return _preview(template, timezone, lock=False)


def apply_template(template: ScheduleTemplate, actor: Actor, timezone: str | None = None) -> TemplateApplication | None:
    """Give the template's schedules its times and switch off every other one of their task types.

    Schedules with a scope are left alone. Two that apply at once do so one after the other.

    Args:
        timezone: as in `preview_template`.

    Returns:
        What was changed; None if the template was in force already.

    Raises:
        InvalidTimezoneError: no such zone.
        TemplateRefusedError: a schedule would not be valid; nothing is changed, and that is recorded.
    """
    try:
        with transaction.atomic():
            _wait_for_others()
            preview = _preview(template, timezone, lock=True)
            return _apply(preview, actor)
    except TemplateRefusedError as error:
        _record(actor, Action.TEMPLATE_APPLY, template.name, reason=str(error), refused=True)
        raise


def undo_template(application: TemplateApplication, actor: Actor) -> Sequence[ScheduleChange]:
    """Put back what the application changed; a schedule that it created is deleted, or if it has run, switched off.

    Returns:
        What was done to each schedule.

    Raises:
        TemplateRefusedError: there is a later application, it is undone already, or somebody has changed one of its
            schedules since. Nothing is changed, and that is recorded.
    """
    try:
        with transaction.atomic():
            _wait_for_others()
            return _undo(application, actor)
    except TemplateRefusedError as error:
        _record(actor, Action.TEMPLATE_UNDO, application.template, reason=str(error), refused=True)
        raise


def preview_undo(application: TemplateApplication) -> Preview:
    """What undoing it would change."""
    return _reversal(application, lock=False)


def latest_application() -> TemplateApplication | None:
    """The one that can be undone, if its schedules were not changed since."""
    return TemplateApplication.objects.filter(undone_at=None).select_related("applied_by").first()


def _preview(template: ScheduleTemplate, timezone: str | None, *, lock: bool) -> Preview:
    if timezone:
        cron.zone_named(timezone)
    changes = changes_by(template, concerned([template], lock=lock), timezone)
    return Preview(template=template.name, changes=changes, problems=problems_of(template, changes))


def _reversal(application: TemplateApplication, *, lock: bool) -> Preview:
    latest = latest_application()
    if latest is not None and latest.pk == application.pk:
        return reversal(latest, lock=lock)
    is_open = TemplateApplication.objects.filter(pk=application.pk, undone_at=None).exists()
    later = f"{latest} was applied after it: undo that first." if is_open else "it is undone already."
    return Preview(template=application.template, changes=[], problems=[f"{application} cannot be undone: {later}"])


def _apply(preview: Preview, actor: Actor) -> TemplateApplication | None:
    if preview.problems:
        raise TemplateRefusedError(f"{preview.template} was not applied. {' '.join(preview.problems)}")
    changes = [change for change in preview.changes if change.is_change]
    if not changes:
        return None
    done = [_save(change, actor) for change in changes]
    application = TemplateApplication.objects.create(
        template=preview.template, applied_at=clock.now(), applied_by_id=actor.user_id, changes=done
    )
    _record(actor, Action.TEMPLATE_APPLY, preview.template, after=_said(changes))
    return application


def _undo(application: TemplateApplication, actor: Actor) -> Sequence[ScheduleChange]:
    preview = _reversal(application, lock=True)
    if preview.problems:
        raise TemplateRefusedError(f"{preview.template} was not undone. {' '.join(preview.problems)}")
    for change in preview.changes:
        if change.after is not None:
            save_schedule(change.after, actor)
        elif change.before is not None:
            delete_schedule(change.before, actor, f"created by the template {preview.template}, which was undone")
    undone = {"undone_at": clock.now(), "undone_by": actor.user_id}
    TemplateApplication.objects.filter(pk=application.pk).update(**undone)
    _record(actor, Action.TEMPLATE_UNDO, preview.template, after=_said(preview.changes))
    return preview.changes


def _save(change: ScheduleChange, actor: Actor) -> dict[str, Any]:
    """Store it; returns what was changed as an application keeps it."""
    schedule = change.after
    assert schedule is not None  # noqa: S101  a template deletes nothing
    before = facts(change.before) if change.before else None
    try:
        with transaction.atomic():
            save_schedule(schedule, actor)
    except IntegrityError:
        raise TemplateRefusedError(f"Somebody else has just made {schedule}: try again.") from None
    after = facts(schedule)
    changed = [name for name in after if before is None or before[name] != after[name]]
    return {
        "schedule": schedule.pk,
        "name": schedule.name,
        "before": {name: before[name] for name in changed} if before else None,
        "after": {name: after[name] for name in changed},
        "words": change.words,
    }


def _said(changes: Sequence[ScheduleChange]) -> dict[str, str]:
    return {change.name: change.words for change in changes}


def _wait_for_others() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)


def _record(
    actor: Actor, action: Action, template: str, *, after: Any = None, reason: str = "", refused: bool = False
) -> None:
    record(
        actor,
        action,
        object_type=TEMPLATE,
        object_label=template,
        after=after,
        reason=reason,
        is_refused=refused,
    )
