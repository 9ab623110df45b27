"""Cron expressions in time zones: what is one, and its times by Debian cron's rule for the nights of clock changes.

cronsim reads the expression and walks the calendar; what a date and a time of day mean in a zone is said here.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from copy import copy
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import islice
from string import ascii_letters, digits
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim

from jobqueue.cron_fields import problem_of
from jobqueue.daylight import turn
from jobqueue.exceptions import JobQueueError


class InvalidExpressionError(JobQueueError):
    """The cron expression cannot be read or never comes true."""


class InvalidTimezoneError(JobQueueError):
    """No such IANA time zone."""


LONGEST = 255
"""So many characters an expression may have."""
NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_FIVE_FIELDS = (
    "expected five fields, minute hour day month weekday, "
    "such as */30 * * * * (every 30 minutes) or 0 7 * * 1-5 (weekdays at 7:00)"
)
_SIGNS = frozenset(f"{ascii_letters}{digits}*,-/# ")
_HORIZON = timedelta(days=50 * 366)
_LAST_YEAR = 9_900
_NO_PLACES = ("localtime", "posixrules", "posix/", "right/", "Factory")
"""Files beside the zones: another time on another machine, or with leap seconds."""


def normalise(expression: str) -> str:
    """The expression as it is stored: five fields with one space between, nicknames such as @daily written out.

    Raises:
        InvalidExpressionError: with what is wrong and what would be right.
    """
    text = _usual_form(expression)
    _read(text)
    return text


def upcoming(expression: str, timezone: str, after: datetime) -> Iterator[datetime]:
    """The times strictly after `after`, in order, in UTC.

    By Debian cron's rule (cron(8)): if minute or hour begin with a star, the schedule follows the clock on the wall
    as it is, twice through a repeated hour and not through one that is left out. Else its times are fixed: one that is
    left out runs right after the gap, once for all such; one that is repeated runs the first time.

    UTC, because Python takes the two 01:30 of a night for equal, and neither for equal to its UTC time.

    Raises:
        InvalidExpressionError, InvalidTimezoneError: with what would be right.
    """
    zone = zone_named(timezone)
    calendar = _read(_usual_form(expression))
    if after.year > _LAST_YEAR:
        return iter(())
    wall = after.astimezone(zone).replace(tzinfo=None)
    if calendar.is_fixed:
        return _times(_fixed(_walk(calendar, wall), zone), after)
    # In a repeated hour, what it shows a second time may be ahead though the first time is over.
    begin = wall - _repetition(wall, zone)
    return _times(_by_the_wall(_walk(calendar, begin), zone), after)


def walls(expression: str, after: datetime) -> Iterator[datetime]:
    """Its times on a clock that is never set, strictly after that clock's `after`; all without a zone.

    Raises:
        InvalidExpressionError: with what would be right.
    """
    return _walk(_read(_usual_form(expression)), after)


def next_after(expression: str, timezone: str, after: datetime) -> datetime:
    """The first time strictly after `after`, in UTC.

    Raises:
        InvalidExpressionError: also if there is none, as for 30 February.
        InvalidTimezoneError: no such zone.
    """
    for moment in islice(upcoming(expression, timezone, after), 1):
        return moment
    raise InvalidExpressionError(f"{expression!r} never comes true: expected a date of the next 50 years.")


def check(expression: str, timezone: str) -> None:
    """Raise InvalidExpressionError or InvalidTimezoneError unless it has a next time."""
    next_after(expression, timezone, datetime.now(UTC))


def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name.

    Raises:
        InvalidTimezoneError: no such zone; with a likely name if there is one.
    """
    try:
        return _zone(name)
    except (KeyError, ValueError, OSError):
        raise InvalidTimezoneError(
            f"{name[:80]!r} is not a time zone: expected an IANA name such as UTC, Europe/Berlin or America/New_York."
            f"{_likely_zone(name)}"
        ) from None


def _usual_form(expression: str) -> str:
    if len(expression) > LONGEST:
        raise InvalidExpressionError(
            f"A text of {len(expression)} characters is not a cron expression: expected {LONGEST} at most."
        )
    text = " ".join(expression.split())
    if text.startswith("@"):
        return _written_out(text)
    if not _SIGNS.issuperset(text):
        strange = next(character for character in text if character not in _SIGNS)
        raise _not_one(text, f"{strange!a} means nothing there, expected digits, names such as MON or JAN, and * , - /")
    number = len(text.split())
    if number == 5:
        return text
    if not number:
        raise InvalidExpressionError(f"A cron expression is missing: {_FIVE_FIELDS}.")
    too_many = " (there are no seconds and no years)" if number in (6, 7) else ""
    raise _not_one(text, f"{_FIVE_FIELDS}, not {number}{too_many}")


def _written_out(text: str) -> str:
    if text.lower() in NICKNAMES:
        return NICKNAMES[text.lower()]
    known = ", ".join(f"{name} ({NICKNAMES[name]})" for name in NICKNAMES if name not in ("@midnight", "@annually"))
    raise _not_one(text, f"expected five fields, or one of {known}")


def _not_one(text: str, problem: str) -> InvalidExpressionError:
    shown = text if len(text) <= 80 else f"{text[:80]}…"
    return InvalidExpressionError(f"{shown!r} is not a cron expression: {problem}.")


class _Calendar(NamedTuple):
    """An expression that has been read."""

    days: CronSim
    """Its days, each at 0:00. Copied to be walked."""
    hours: list[int]
    minutes: list[int]
    is_fixed: bool
    """Whether neither minute nor hour begin with a star."""


@lru_cache(maxsize=512)
def _read(text: str) -> _Calendar:
    problem = problem_of(text)
    if problem:
        raise _not_one(text, problem)
    minute, hour, day, month, weekday = text.split()
    some_day = datetime(2000, 1, 1)  # noqa: DTZ001  a calendar has no zone
    sim, days = CronSim(text, some_day), CronSim(f"0 0 {day} {month} {weekday}", some_day)
    if next(copy(days), None) is None:
        raise InvalidExpressionError(f"{text!r} never comes true: expected a date that there is.")
    is_fixed = not minute.startswith("*") and not hour.startswith("*")
    return _Calendar(days=days, hours=sorted(sim.hours), minutes=sorted(sim.minutes), is_fixed=is_fixed)


def _walk(calendar: _Calendar, after: datetime) -> Iterator[datetime]:
    for day in _days(calendar, after):
        begin = bisect_left(calendar.hours, after.hour) if day.date() == after.date() else 0
        for hour in calendar.hours[begin:]:
            for minute in calendar.minutes:
                wall = day.replace(hour=hour, minute=minute)
                if wall > after:
                    yield wall


def _days(calendar: _Calendar, begin: datetime) -> Iterator[datetime]:
    """From that of `begin` on, for 50 years."""
    days = copy(calendar.days)
    days.dt = datetime.combine(begin, time()) - timedelta(seconds=1)
    for day in days:
        if day - begin > _HORIZON:
            return
        yield day
        days.dt = day + timedelta(days=1, seconds=-1)


def _fixed(times: Iterator[datetime], zone: tzinfo) -> Iterator[datetime]:
    for wall in times:
        first, second = _instants(wall, zone)
        yield first if first <= second else turn(zone, second, first)


def _by_the_wall(times: Iterator[datetime], zone: tzinfo) -> Iterator[datetime]:
    again: deque[datetime] = deque()
    for wall in times:
        first, second = _instants(wall, zone)
        if first > second:
            continue
        while again and again[0] < first:
            yield again.popleft()
        yield first
        if first < second:
            again.append(second)
    yield from again


def _times(moments: Iterator[datetime], after: datetime) -> Iterator[datetime]:
    """Those after it, each once."""
    last = after.astimezone(UTC)
    for moment in moments:
        if moment > last:
            yield moment
            last = moment


def _instants(wall: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """In UTC, the first and the last time that the clocks show this; the wrong way round if they never do."""
    first = wall.replace(tzinfo=zone, fold=0)
    return first.astimezone(UTC), first.replace(fold=1).astimezone(UTC)


def _repetition(wall: datetime, zone: tzinfo) -> timedelta:
    """By how much the clocks are set back, if that is why they show this twice."""
    first, second = _instants(wall, zone)
    return max(second - first, timedelta())


@lru_cache(maxsize=128)
def _zone(name: str) -> ZoneInfo:
    if name.startswith(_NO_PLACES):
        raise ValueError(name)
    return ZoneInfo(name)


def _likely_zone(name: str) -> str:
    wanted = "_".join(name[:64].split()).casefold().rpartition("/")[2]
    found = [zone for zone in available_timezones() if zone.casefold().rpartition("/")[2] == wanted]
    likely = min((zone for zone in found if not zone.startswith(_NO_PLACES)), default="")
    return f" Perhaps {likely}?" if likely else ""
