"""What a schedule will do: in words, as times, and in the nights when clocks change."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise, takewhile
from typing import TYPE_CHECKING

from cron_descriptor import ExpressionDescriptor, Options
from cron_descriptor.Exception import FormatException, MissingFieldException, WrongArgumentException

from jobqueue import cron, intervals
from jobqueue.daylight import ClockChange, clock_changes

if TYPE_CHECKING:
    from jobqueue.models import Schedule

_AROUND = timedelta(hours=3)
_MOST_SHOWN = 24
_MOST_LISTED = 4
_MOST_WALLS = 1_440
_UNITS = (
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
    (timedelta(seconds=1), "second"),
)


@dataclass(frozen=True, kw_only=True)
class Note:
    """What runs around a change of the clocks."""

    change: ClockChange
    runs: tuple[datetime, ...]
    """In the zone, from three hours before to three hours after; of many those next to the change."""
    sentence: str
    """What is special in that night; empty if nothing is."""


def describe(schedule: "Schedule") -> str:
    """When it runs, in plain words, such as "Every 30 minutes"; nothing where words fail."""
    if schedule.interval is not None:
        return f"Every {_step(schedule.interval)}"
    return in_words(schedule.expression)


def in_words(expression: str) -> str:
    """The expression in plain words; nothing if it is not valid or words fail, as for the rarer signs of cron."""
    try:
        return _in_words(cron.normalise(expression))
    except (cron.InvalidExpressionError, FormatException, MissingFieldException, WrongArgumentException, ValueError):
        return ""


def next_runs(expression: str, zone: str, after: datetime, count: int = 10) -> list[datetime]:
    """The first times after `after`, in the zone.

    Raises:
        InvalidExpressionError, InvalidTimezoneError: with what would be right.
    """
    place = cron.zone_named(zone)
    return [moment.astimezone(place) for moment in islice(cron.upcoming(expression, zone, after), count)]


def next_runs_of(schedule: "Schedule", after: datetime, count: int = 10) -> list[datetime]:
    """The first times of a schedule of either kind after `after`, in its zone; fewer if it ends before.

    Raises:
        InvalidExpressionError, InvalidTimezoneError: it is not valid.
    """
    place = cron.zone_named(schedule.timezone)
    return [moment.astimezone(place) for moment in islice(times_of(schedule, after), count)]


def times_of(schedule: "Schedule", after: datetime) -> Iterator[datetime]:
    """The times of a schedule of either kind after `after`, in UTC, within its start and its end."""
    begin, end = schedule.starts_at, schedule.ends_at
    if schedule.interval is not None:
        times = _interval_times(begin or schedule.counts_from, schedule.interval, after)
    else:
        if begin is not None and begin > after:
            after = begin - timedelta(microseconds=1)
        times = cron.upcoming(schedule.expression, schedule.timezone, after)
    return times if end is None else takewhile(lambda moment: moment <= end, times)


def notes(expression: str, zone: str, after: datetime) -> list[Note]:
    """For each change of the clocks in the coming year, what runs around it and what is special.

    Raises:
        InvalidExpressionError, InvalidTimezoneError: with what would be right.
    """
    return [_note(expression, zone, change) for change in clock_changes(cron.zone_named(zone), after)]


def _interval_times(anchor: datetime, interval: timedelta, after: datetime) -> Iterator[datetime]:
    moment = after
    while True:
        moment = intervals.next_in(anchor, interval, moment)
        yield moment


def _note(expression: str, zone: str, change: ClockChange) -> Note:
    begin = change.at - _AROUND - timedelta(seconds=1)
    times = cron.upcoming(expression, zone, begin)
    runs = list(takewhile(lambda moment: moment <= change.at + _AROUND, times))
    nearest = sorted(sorted(runs, key=lambda moment: abs(moment - change.at))[:_MOST_SHOWN])
    place = cron.zone_named(zone)
    return Note(
        change=change,
        runs=tuple(moment.astimezone(place) for moment in nearest),
        sentence=_sentence(expression, change, runs),
    )


def _sentence(expression: str, change: ClockChange, runs: Sequence[datetime]) -> str:
    low, high = sorted([change.shown_before, change.shown_after])
    walls = cron.walls(expression, low - timedelta(seconds=1))
    affected = list(islice(takewhile(lambda wall: wall < high, walls), _MOST_WALLS))
    if not affected:
        return ""
    step = _even_step(expression, change, runs)
    if step is not None:
        extra = len(_second_pass(change, runs)) - (len(affected) if change.shift > timedelta() else 0)
        number = f"{abs(extra)} run{'s' if abs(extra) != 1 else ''} {'more' if extra > 0 else 'fewer'}"
        return f"Runs every {_step(step)} of elapsed time: {number} than on other nights."
    said = _of_the_gap if change.shift > timedelta() else _of_the_repetition
    return said(expression, change, runs, affected)


def _even_step(expression: str, change: ClockChange, runs: Sequence[datetime]) -> timedelta | None:
    """The time between two runs if it is the same before, through and after the affected hours as in other nights."""
    walls = cron.walls(expression, change.shown_before - _AROUND - timedelta(seconds=1))
    usual = takewhile(lambda wall: wall <= change.shown_before + _AROUND, walls)
    steps = {later - sooner for times in (runs, usual) for sooner, later in pairwise(times)}
    repeated = max(-change.shift, timedelta())
    if len(steps) != 1 or len(runs) < 2:
        return None
    return steps.pop() if runs[0] < change.at - repeated <= change.at + repeated <= runs[-1] else None


def _of_the_gap(expression: str, change: ClockChange, runs: Sequence[datetime], affected: Sequence[datetime]) -> str:
    one = len(affected) == 1
    begin = f"{_listed(affected)} {'does' if one else 'do'} not exist that night:"
    if change.at not in runs:
        return f"{begin} {'it is' if one else 'they are'} left out."
    end = change.shown_after
    if next(cron.walls(expression, end - timedelta(seconds=1)), None) == end:
        return f"{begin} {'it falls' if one else 'they fall'} together with the run at {end:%H:%M}."
    return f"{begin} it runs once{'' if one else ' for all of them'}, at {end:%H:%M}."


def _of_the_repetition(
    _expression: str, change: ClockChange, runs: Sequence[datetime], affected: Sequence[datetime]
) -> str:
    one = len(affected) == 1
    often = "both times" if _second_pass(change, runs) else "once, the first time"
    return f"{_listed(affected)} {'comes' if one else 'come'} twice that night: {'it' if one else 'each'} runs {often}."


def _second_pass(change: ClockChange, runs: Sequence[datetime]) -> list[datetime]:
    return [moment for moment in runs if change.at <= moment < change.at - change.shift]


def _listed(walls: Sequence[datetime]) -> str:
    shown = [f"{wall:%H:%M}" for wall in walls]
    if len(shown) > _MOST_LISTED:
        return f"{len(shown)} times from {shown[0]} to {shown[-1]}"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))


def _step(span: timedelta) -> str:
    size, unit = next((size, unit) for size, unit in _UNITS if span % size == timedelta() or unit == "second")
    number = span // size
    return unit if number == 1 else f"{number} {unit}s"


def _in_words(text: str) -> str:
    minute, hour, day, month, weekday = text.split()
    spelled = [_spelled(minute, 60), _spelled(hour, 24), day, month, weekday]
    # A named language, as otherwise the machine's own would be taken.
    options = Options(use_24hour_time_format=True, locale_code="en_US")
    words = str(ExpressionDescriptor(" ".join(spelled), options).get_description())
    if minute.isdecimal():
        # "between 09:00 and 17:59" of what runs at 17:15 the last time
        words = re.sub(r"\b(\d\d):(00|59)\b", rf"\1:{int(minute):02}", words)
        words = words.replace("At 0 minutes past the hour", "On the hour").replace("At 1 minutes", "At 1 minute")
    if day.startswith("*") or weekday.startswith("*"):
        # Cron asks for both then, and for either otherwise.
        words = words.replace(", or on ", ", but only on ")
    return words


def _spelled(field: str, size: int) -> str:
    """A step that does not divide the hour or the day as its values: */45 is not every 45 minutes."""
    star, _, step = field.partition("/")
    if star != "*" or not step or size % int(step) == 0:
        return field
    return ",".join(str(value) for value in range(0, size, int(step)))
