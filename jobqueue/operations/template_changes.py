"""What applying a template, or undoing that, would do to each schedule. Changes nothing."""

import json
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.forms.models import model_to_dict
from django.utils import timezone as clock
from django.utils.dateparse import parse_duration

from jobqueue import cron
from jobqueue.forecast import describe, next_runs_of
from jobqueue.models import Occurrence, Schedule, TemplateApplication
from jobqueue.models.schedule import ScheduleKind
from jobqueue.redaction import redact
from jobqueue.registry import registry
from jobqueue.schedule_templates import ScheduleTemplate, TemplateSchedule

RUNS_SHOWN = 3
_TIMES = ("kind", "expression", "interval", "timezone")


@dataclass(frozen=True, kw_only=True)
class ScheduleChange:
    """One schedule as it is, and as it would be."""

    before: Schedule | None
    """None: it would be created."""
    after: Schedule | None
    """None: it would be deleted."""

    @property
    def name(self) -> str:
        """The schedule's."""
        return str(self.after or self.before)

    @property
    def says(self) -> str:
        """When it runs afterwards, in plain words."""
        return describe(self.after) if self.after is not None else ""

    @property
    def next_runs(self) -> list[datetime]:
        """The first times afterwards, in its zone; none while it is switched off."""
        if self.after is None or not self.after.is_active:
            return []
        try:
            return next_runs_of(self.after, clock.now(), RUNS_SHOWN)
        except (cron.InvalidExpressionError, cron.InvalidTimezoneError):
            return []

    @property
    def is_change(self) -> bool:
        """Whether anything would be different."""
        return self.before is None or self.after is None or facts(self.before) != facts(self.after)

    @property
    def words(self) -> str:
        """Such as "switched on; Every 30 minutes (*/30 * * * *, UTC) → On the hour (0 * * * *, UTC)"."""
        if self.before is None:
            return f"created: {say_times(self.after)}" if self.after else "unchanged"
        if self.after is None:
            return "deleted"
        parts = []
        if self.before.is_active != self.after.is_active:
            parts.append("switched on" if self.after.is_active else "switched off")
        if any(getattr(self.before, name) != getattr(self.after, name) for name in _TIMES):
            parts.append(f"{say_times(self.before)} → {say_times(self.after)}")
        elif self.after.is_active:
            parts.append(say_times(self.after))
        return "; ".join(parts if self.is_change else ["unchanged", *parts])


@dataclass(frozen=True, kw_only=True)
class Preview:
    """All that would happen, and what keeps it from happening."""

    template: str
    changes: Sequence[ScheduleChange]
    problems: Sequence[str] = ()

    @property
    def is_in_force(self) -> bool:
        """Whether there is nothing to do."""
        return not self.problems and not any(change.is_change for change in self.changes)


def say_times(schedule: Schedule) -> str:
    """Such as "Every 30 minutes (*/30 * * * *, UTC)"."""
    words = describe(schedule)
    if schedule.is_interval:
        return words
    signs = f"{schedule.expression}, {schedule.timezone}"
    return f"{words} ({signs})" if words else signs


def facts(schedule: Schedule) -> dict[str, Any]:
    """What people set, as JSON has it."""
    plain: dict[str, Any] = json.loads(json.dumps(model_to_dict(schedule, exclude=["id"]), cls=DjangoJSONEncoder))
    return plain


def concerned(templates: Iterable[ScheduleTemplate], *, lock: bool = False) -> list[Schedule]:
    """The schedules that applying one of the templates may change."""
    wanted = [one for template in templates for one in template.schedules]
    named = Q(name__in=[one.name for one in wanted])
    others = Q(task_type__in=[one.task_type for one in wanted], scope={}, is_active=True)
    found = Schedule.objects.filter(named | others).order_by("pk")
    return list(found.select_for_update(of=("self",)) if lock else found)


def changes_by(
    template: ScheduleTemplate, stored: Iterable[Schedule], timezone: str | None = None
) -> list[ScheduleChange]:
    """What the template does to them: its own as it says, every other one of their task types without a scope off."""
    known = {schedule.name: schedule for schedule in stored}
    own = {one.name: known.get(one.name) for one in template.schedules}
    types = {one.task_type for one in template.schedules}
    others = [
        schedule
        for schedule in known.values()
        if schedule.name not in own and schedule.task_type in types and not schedule.scope and schedule.is_active
    ]
    changes = [
        ScheduleChange(before=own[one.name], after=_as_told(one, own[one.name], timezone)) for one in template.schedules
    ]
    return changes + [ScheduleChange(before=other, after=_switched_off(other)) for other in others]


def problems_of(template: ScheduleTemplate, changes: Iterable[ScheduleChange]) -> list[str]:
    """Why the template cannot be applied; nothing if it can."""
    types = {one.name: one.task_type for one in template.schedules}
    found = (_problem_of(change, types.get(change.name)) for change in changes)
    return [problem for problem in found if problem]


def reversal(application: TemplateApplication, *, lock: bool = False) -> Preview:
    """What undoing it does: all that it changed as it was before."""
    keys = [change["schedule"] for change in application.changes]
    rows = Schedule.objects.filter(pk__in=keys).order_by("pk")
    stored = {schedule.pk: schedule for schedule in (rows.select_for_update(of=("self",)) if lock else rows)}
    changes, problems = [], []
    for done in application.changes:
        schedule = stored.get(done["schedule"])
        problem = _changed_since(done, schedule)
        if schedule is not None and not problem:
            change = ScheduleChange(before=schedule, after=_as_before(done, schedule))
            problem = _problem_of(change)
            changes.append(change)
        problems += [problem] if problem else []
    return Preview(template=application.template, changes=changes, problems=problems)


def _as_told(one: TemplateSchedule, stored: Schedule | None, timezone: str | None) -> Schedule:
    after = copy(stored) if stored else _new(one)
    after.kind, after.interval, after.is_active = ScheduleKind.CRON, None, True
    after.expression = cron.normalise(one.expression)
    after.timezone = timezone or after.timezone
    return after


def _new(one: TemplateSchedule) -> Schedule:
    task_type = registry.get(one.task_type)
    return Schedule(name=one.name, task_type=one.task_type, queue=task_type.queue, priority=task_type.priority)


def _switched_off(schedule: Schedule) -> Schedule:
    after = copy(schedule)
    after.is_active = False
    return after


def _as_before(done: dict[str, Any], schedule: Schedule) -> Schedule | None:
    if done["before"] is None:
        # Its history would be deleted with it.
        return _switched_off(schedule) if Occurrence.objects.filter(schedule=schedule).exists() else None
    after = copy(schedule)
    for name, value in done["before"].items():
        setattr(after, name, parse_duration(value) if name == "interval" and value else value)
    return after


def _problem_of(change: ScheduleChange, task_type: str | None = None) -> str:
    """Why it is not possible; an unwanted schedule can always be switched off or deleted."""
    before, after = change.before, change.after
    if after is None or not after.is_active:
        return ""
    if before is not None and task_type is not None and before.task_type != task_type:
        return f"{before} enqueues {before.task_type}, not {task_type}: give it another name, or that task type."
    if before is not None and task_type is not None and before.scope:
        return f"{before} is not for everybody: give it another name, or take its scope away."
    if not change.is_change:
        return ""
    try:
        copy(after).full_clean()
    except ValidationError as error:
        return f"{after} cannot run at {say_times(after)}: {' '.join(error.messages)}"
    return ""


def _changed_since(done: dict[str, Any], schedule: Schedule | None) -> str:
    if schedule is None:
        return f"{done['name']} was deleted since."
    then, now = redact(done["after"]), redact(facts(schedule))
    real = facts(schedule)
    differing = [
        f"{name} is {_shown(now.get(name))}, not {_shown(then[name])}"
        for name, value in done["after"].items()
        if real.get(name) != value
    ]
    return f"{schedule} was changed since: {'; '.join(differing)}." if differing else ""


def _shown(value: Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value)
