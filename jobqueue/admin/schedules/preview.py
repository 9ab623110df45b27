"""What the times that somebody is choosing mean: in words, as the next runs, in the nights when clocks change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.utils import timezone

from jobqueue.admin.schedules.times_form import TimesForm
from jobqueue.collisions import Collision, collisions_of
from jobqueue.cron import InvalidExpressionError, InvalidTimezoneError, check
from jobqueue.forecast import describe, next_runs_of, notes
from jobqueue.models import Schedule
from jobqueue.schedule_rules import problems_of

SHOWN = 10
_TICK = timedelta(microseconds=1)
_WHEN = ("kind", "expression", "interval", "timezone", "starts_at", "ends_at")


@dataclass(frozen=True, kw_only=True)
class Night:
    """A change of the clocks, and what runs around it."""

    sentence: str
    """When and how the clocks are set."""
    special: str
    """What is special for the schedule; empty if nothing is."""
    runs: Sequence[str]
    """What the clocks show at each run."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a schedule will do, or what is wrong with its times; nothing while there is nothing to read."""

    words: str = ""
    zone: str = ""
    times: Sequence[datetime] = ()
    """In the schedule's zone; fewer than ten if it ends before."""
    nights: Sequence[Night] = ()
    """One for each change of the clocks in the coming year."""
    collisions: Sequence[Collision] = ()
    problems: Sequence[str] = ()
    is_interval: bool = False
    is_over: bool = False
    is_blank: bool = False
    is_off: bool = False


def preview_of(schedule: Schedule) -> Preview:
    """What a stored schedule will do, were it on."""
    if not schedule.is_interval and not schedule.expression:
        return Preview(is_blank=True)
    now = timezone.now()
    try:
        if not schedule.is_interval:
            check(schedule.expression, schedule.timezone)
        times = next_runs_of(schedule, now - _TICK, SHOWN)
        return Preview(
            words=describe(schedule),
            zone=schedule.timezone,
            times=times,
            nights=_nights(schedule, now),
            collisions=collisions_of(schedule, now),
            is_interval=schedule.is_interval,
            is_over=len(times) < SHOWN,
            is_off=not schedule.is_active,
        )
    except (InvalidExpressionError, InvalidTimezoneError) as error:
        return Preview(problems=[str(error)], is_interval=schedule.is_interval)


def _nights(schedule: Schedule, now: datetime) -> list[Night]:
    if schedule.is_interval:
        return []
    return [
        Night(
            sentence=note.change.sentence,
            special=note.sentence,
            runs=[f"{moment:%H:%M %Z}" for moment in note.runs],
        )
        for note in notes(schedule.expression, schedule.timezone, now)
    ]


def preview_typed(data: Mapping[str, Any], stored: Schedule | None = None) -> Preview:
    """What the posted or typed times would do from now on; a wrong value is told, not raised.

    Args:
        stored: the schedule that is edited; it does not collide with itself.
    """
    form = TimesForm(data)
    if stored is not None:
        form.show_times_of(stored)
    if not form.is_valid():
        return Preview(problems=_listed(form))
    schedule = Schedule(pk=stored.pk if stored else None, queue=_queue(data), is_active="is_active" in data)
    schedule.counts_from = _anchor(form.cleaned_data, stored)
    for name in _WHEN:
        setattr(schedule, name, form.cleaned_data[name])
    if not schedule.is_interval and not schedule.expression.strip():
        return Preview(is_blank=True)
    problems = problems_of(schedule)
    wrong = [problems[name] for name in _WHEN if name in problems]
    return Preview(problems=wrong) if wrong else preview_of(schedule)


def _queue(data: Mapping[str, Any]) -> str:
    """The queue that is typed; the usual one while that is none."""
    name = str(data.get("queue") or "")
    return name if name.isprintable() and name else "default"


def _listed(form: TimesForm) -> list[str]:
    return [f"{form[name].label}: {problem}" for name, problems in form.errors.items() for problem in problems]


def _anchor(given: Mapping[str, Any], stored: Schedule | None) -> datetime:
    """From when an interval counts: a new one runs at once, an edited one after its interval."""
    now = timezone.now()
    if stored is None or given["interval"] is None:
        return now
    if all(given[name] == getattr(stored, name) for name in _WHEN):
        return stored.counts_from
    return now + cast(timedelta, given["interval"])
