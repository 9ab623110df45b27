"""What the schedule list shows: a row for each schedule, tiles, and the latest runs of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from jobqueue import occurrences
from jobqueue.admin import counts
from jobqueue.admin.processing.switch import automatic_processing
from jobqueue.admin.schedules.runs import MOST_RUNS, failures, may_see_jobs
from jobqueue.admin.schedules.scope_names import ScopeName, scope_names
from jobqueue.forecast import describe
from jobqueue.models import Alert, Schedule
from jobqueue.models.alert import AlertKind
from jobqueue.occurrences import Run
from jobqueue.registry import registry

MOST_RECENT = 10
MOST_OUTCOMES = 12


@dataclass(frozen=True, kw_only=True)
class Row:
    """One schedule with what is known about it beside its own fields."""

    schedule: Schedule
    words: str
    scope: Sequence[ScopeName]
    last: Run | None
    outcomes: Sequence[str]
    """Of the latest runs, oldest first; see `recent_outcomes`."""
    is_late: bool
    alert: Alert | None

    @property
    def has_handler(self) -> bool:
        """Whether this version has code for its task type."""
        return self.schedule.task_type in registry

    @property
    def trouble(self) -> str:
        """The alert's sentence, or what it is about to say."""
        if self.alert is not None:
            return self.alert.message
        return "It is due and has not fired within its grace." if self.is_late else ""


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A number that leads to what it counts."""

    label: str
    count: counts.Count
    query: str = ""
    colour: str = ""
    is_chosen: bool = False


def rows(schedules: Sequence[Schedule]) -> list[Row]:
    """The rows of one page, in a fixed number of queries."""
    keys = [schedule.pk for schedule in schedules]
    scopes, latest = scope_names(schedules), occurrences.latest_runs(keys)
    outcomes, alerts = occurrences.recent_outcomes(keys, each=MOST_OUTCOMES), _alerts(keys)
    return [
        Row(
            schedule=schedule,
            words=describe(schedule),
            scope=scopes[schedule.pk],
            last=latest.get(schedule.pk),
            outcomes=outcomes.get(schedule.pk, ()),
            is_late=_is_late(schedule),
            alert=alerts.get(schedule.pk),
        )
        for schedule in schedules
    ]


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """What stands above and below the table."""
    runs = occurrences.history(limit=MOST_RUNS)
    return {
        "tiles": _tiles(request.GET.get("state", "")),
        "failures": len(failures(runs)),
        "most_runs": MOST_RUNS,
        "processing": automatic_processing(counts.Count(number=0)),
        "runs": runs[:MOST_RECENT],
        "may_see_jobs": may_see_jobs(request),
    }


def _tiles(chosen: str) -> list[Tile]:
    schedules = Schedule.objects.all()
    states = [
        ("Total", "", "", schedules),
        ("Active", "active", "succeeded", schedules.filter(is_active=True)),
        ("Inactive", "inactive", "cancelled", schedules.filter(is_active=False)),
    ]
    return [
        Tile(
            label=label,
            count=counts.capped(which),
            query=f"?state={state}" if state else "?",
            colour=colour,
            is_chosen=chosen == state,
        )
        for label, state, colour, which in states
    ]


def _alerts(schedules: Sequence[int]) -> dict[int, Alert]:
    """By schedule, the open alert; that it is not valid says more than that it is late."""
    found = Alert.objects.filter(cleared_at=None, schedule__in=schedules)
    by_weight = sorted(found, key=lambda alert: alert.kind == AlertKind.SCHEDULE_INVALID)
    return {alert.schedule_id: alert for alert in by_weight if alert.schedule_id is not None}


def _is_late(schedule: Schedule) -> bool:
    due = schedule.next_run_at if schedule.is_active else None
    return due is not None and due < timezone.now() - schedule.grace
