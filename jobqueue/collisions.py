"""Which schedules start in the same minute."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile

from jobqueue.cron import InvalidExpressionError, InvalidTimezoneError
from jobqueue.forecast import times_of
from jobqueue.models import Schedule

_MOST_RUNS = 300
_NEEDED = ("name", "kind", "expression", "interval", "timezone", "starts_at", "ends_at", "counts_from")


@dataclass(frozen=True, kw_only=True)
class Collision:
    """Another schedule that starts in the same minutes."""

    name: str
    times: int
    """In so many minutes."""
    first: datetime
    """The first of these minutes."""


def collisions(runs: Mapping[str, Sequence[datetime]], own: Sequence[datetime]) -> list[Collision]:
    """Of the runs of others by name, those in the same minute as one of our own; the most frequent first."""
    ours = _minutes(own)
    found = []
    for name, times in runs.items():
        common = sorted(ours & _minutes(times))
        if common:
            found.append(Collision(name=name, times=len(common), first=common[0]))
    return sorted(found, key=lambda one: (-one.times, one.name))


def collisions_of(schedule: Schedule, after: datetime, hours: int = 24, most: int = 200) -> list[Collision]:
    """The active schedules of the same queue that start in the same minutes of the coming hours.

    One query. Of the others, the `most` that run next are looked at; of each schedule, the first 300 times: at most
    some 60,000 times, a fraction of a second. Delays by jitter are not.

    Raises:
        InvalidExpressionError, InvalidTimezoneError: the schedule itself is not valid.
    """
    end = after + timedelta(hours=hours)
    others = Schedule.objects.filter(is_active=True, queue=schedule.queue, next_run_at__lte=end)
    if schedule.pk:
        others = others.exclude(pk=schedule.pk)
    own = _runs(schedule, after, end)
    return collisions(_by_name(others.order_by("next_run_at").only(*_NEEDED)[:most], after, end), own)


def _by_name(schedules: Iterable[Schedule], after: datetime, end: datetime) -> dict[str, list[datetime]]:
    runs = {}
    for schedule in schedules:
        try:
            runs[schedule.name] = _runs(schedule, after, end)
        except (InvalidExpressionError, InvalidTimezoneError):
            continue  # It will not run; the scheduler raises an alert.
    return runs


def _runs(schedule: Schedule, after: datetime, end: datetime) -> list[datetime]:
    return list(islice(takewhile(lambda moment: moment <= end, times_of(schedule, after)), _MOST_RUNS))


def _minutes(moments: Iterable[datetime]) -> set[datetime]:
    return {moment.astimezone(UTC).replace(second=0, microsecond=0) for moment in moments}
