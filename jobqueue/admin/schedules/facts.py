"""What a schedule says, for those who may look and not edit."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from jobqueue.admin.forms.span_field import written
from jobqueue.admin.schedules.job_panel import known
from jobqueue.cron import InvalidTimezoneError, zone_named
from jobqueue.forecast import describe
from jobqueue.models import Schedule
from jobqueue.scopes import scopes


class Fact(NamedTuple):
    """One line."""

    label: str
    value: Any


def facts_of(schedule: Schedule) -> Sequence[Fact]:
    """Its values in words; what is empty is left out. The payload is not among them."""
    task_type = known(schedule.task_type)
    facts = [
        Fact("Runs", describe(schedule) or schedule.expression),
        Fact("Cron expression", schedule.expression),
        Fact("Time zone", schedule.timezone),
        Fact("Starts at", _moment(schedule, "starts_at")),
        Fact("Ends at", _moment(schedule, "ends_at")),
        Fact("Task type", f"{task_type.label} ({task_type.name})" if task_type else f"{schedule.task_type} (unknown)"),
        *_scope(schedule),
        Fact("Queue", schedule.queue),
        Fact("Priority", schedule.get_priority_display()),
        Fact("Max attempts", schedule.max_attempts),
        Fact("Notes", schedule.notes),
        *_policies(schedule),
        Fact("Jitter", written(schedule.jitter)),
        Fact("Grace", written(schedule.grace)),
    ]
    return [fact for fact in facts if fact.value]


def _policies(schedule: Schedule) -> list[Fact]:
    """Those that matter for its kind."""
    if schedule.is_interval:
        return []
    return [
        Fact("Missed times", schedule.get_missed_display()),
        Fact("Missed at most", written(schedule.missed_window)),
        Fact("At most so many", schedule.missed_cap),
        Fact("Overlap", schedule.get_overlap_display()),
    ]


def _moment(schedule: Schedule, name: str) -> str:
    moment = getattr(schedule, name)
    if moment is None:
        return ""
    with suppress(InvalidTimezoneError):  # it is shown in UTC then
        moment = moment.astimezone(zone_named(schedule.timezone))
    return f"{moment:%a %Y-%m-%d %H:%M %Z}"


def _scope(schedule: Schedule) -> list[Fact]:
    offered = {scope.name: scope for scope in scopes()}
    facts = []
    for name, key in schedule.scope.items():
        scope = offered.get(name)
        found = scope.choices().filter(pk=key).first() if scope else None
        facts.append(
            Fact(scope.label if scope else name, scope.label_of(found) if scope and found else f"{key} (unknown)")
        )
    return facts
