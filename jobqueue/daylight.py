"""When the clocks of a time zone change, and how; read from the offsets alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class ClockChange:
    """A moment at which the offset from UTC becomes another one."""

    at: datetime
    """In UTC."""
    before: timedelta
    after: timedelta

    @property
    def shift(self) -> timedelta:
        """By how much the clocks are set forward; negative if back."""
        return self.after - self.before

    @property
    def shown_before(self) -> datetime:
        """What the clocks show when they are set, without a zone."""
        return self.at.replace(tzinfo=None) + self.before

    @property
    def shown_after(self) -> datetime:
        """What they are set to, without a zone."""
        return self.at.replace(tzinfo=None) + self.after

    @property
    def sentence(self) -> str:
        """Such as "Sun 8 Mar 2026 at 02:00 the clocks go forward by 1 hour, to 03:00."."""
        way = "forward" if self.shift > timedelta() else "back"
        old, new = self.shown_before, self.shown_after
        other_day = "" if old.date() == new.date() else f" on {new:%a} {new.day} {new:%b}"
        return (
            f"{old:%a} {old.day} {old:%b %Y} at {old:%H:%M} the clocks go {way} by {_span(abs(self.shift))}, "
            f"to {new:%H:%M}{other_day}."
        )


def clock_changes(zone: tzinfo, after: datetime, days: int = 366) -> list[ClockChange]:
    """The changes of so many days from `after` on, in order; none for a zone that has none."""
    begin = after.astimezone(UTC)
    return list(_changes(zone, [begin + number * _DAY for number in range(days + 1)]))


def turn(zone: tzinfo, sooner: datetime, later: datetime) -> datetime:
    """The change between two UTC times of different offset, to the second: the first moment of the later offset."""
    begin, offset = sooner.replace(microsecond=0), _offset(zone, later)
    low, high = 0, -((begin - later) // timedelta(seconds=1))
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, begin + timedelta(seconds=middle)) == offset:
            high = middle
        else:
            low = middle
    return begin + timedelta(seconds=high)


def _changes(zone: tzinfo, moments: list[datetime]) -> Iterator[ClockChange]:
    offsets = [(moment, _offset(zone, moment)) for moment in moments]
    for (sooner, before), (later, after) in pairwise(offsets):
        if before != after:
            yield ClockChange(at=turn(zone, sooner, later), before=before, after=after)


def _offset(zone: tzinfo, moment: datetime) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None  # noqa: S101  an aware time has one
    return offset


def _span(shift: timedelta) -> str:
    minutes = int(shift.total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    parts = [(hours, "hour"), (rest, "minute")]
    return " ".join(f"{number} {unit}{'s' if number != 1 else ''}" for number, unit in parts if number)
