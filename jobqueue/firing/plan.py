"""What is to be done for a schedule that is due: its policies as a pure function of what is the case."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from uuid import UUID

from jobqueue import cron, intervals
from jobqueue.models import Schedule
from jobqueue.models.occurrence import Skipped, Trigger
from jobqueue.models.schedule import MissedPolicy, OverlapPolicy

_MOST_WALKED = 10_000
"""So many missed times are counted; a longer standstill is not walked through to its end."""
_MOST_SKIPS = 200
"""So many rows tell of skipped times; the oldest of them stands for those before it."""


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """The schedule's own jobs that have not ended, runs by hand aside."""

    waiting: Sequence[UUID] = ()
    """Have not begun."""
    begun: Sequence[UUID] = ()

    @property
    def all(self) -> list[UUID]:
        """Of both kinds."""
        return [*self.waiting, *self.begun]


@dataclass(frozen=True, kw_only=True)
class Firing:
    """A job to be enqueued."""

    scheduled_at: datetime
    run_at: datetime
    trigger: Trigger = Trigger.SCHEDULE
    is_behind: bool = False
    """Whether it waits for the end of what is unfinished, and of the firing before it."""


@dataclass(frozen=True, kw_only=True)
class Skip:
    """A time that gets no job."""

    scheduled_at: datetime
    reason: Skipped
    times: int = 1
    trigger: Trigger = Trigger.SCHEDULE
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be done, and when to look again: never if the schedule has ended."""

    firings: list[Firing] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    next_run_at: datetime | None


def plan(schedule: Schedule, now: datetime, unfinished: Unfinished, last: datetime | None = None) -> Plan:
    """For an active schedule whose next time is not after now.

    Args:
        last: its latest occurrence; asked of interval schedules without unfinished jobs only.

    Raises:
        InvalidExpressionError, InvalidTimezoneError: the schedule is not valid any more.
    """
    if schedule.interval is not None:
        return _plan_interval(schedule, schedule.interval, now, unfinished, last)
    due = _due(schedule, now)
    chosen = _choose(schedule, due.times, now)
    missed = sorted(set(due.times).difference(chosen))
    skips = _missed(missed, due.earlier)
    firings = [_firing(schedule, moment, now) for moment in chosen]
    firings, overlapping = _overlap(schedule, firings, unfinished)
    return Plan(firings=firings, skips=skips + overlapping, next_run_at=due.next_run_at)


def jitter_of(schedule: Schedule, scheduled_at: datetime) -> timedelta:
    """How much later than that the job is due; the same whoever asks, and spread evenly over schedules and times."""
    if not schedule.jitter:
        return timedelta()
    digest = blake2b(f"{schedule.pk} {scheduled_at.timestamp():.0f}".encode(), digest_size=8).digest()
    return schedule.jitter * (int.from_bytes(digest) / 2**64)


@dataclass(frozen=True, kw_only=True)
class _Due:
    times: list[datetime]
    """The latest ones that have come, in order."""
    earlier: int
    """How many came before those."""
    next_run_at: datetime | None


def _due(schedule: Schedule, now: datetime) -> _Due:
    assert schedule.next_run_at is not None  # noqa: S101  a check constraint says so
    end = schedule.ends_at or datetime.max.replace(tzinfo=now.tzinfo)
    bound = min(now, end)
    times: deque[datetime] = deque(maxlen=_MOST_SKIPS + schedule.missed_cap)
    walked, moment = 0, schedule.next_run_at
    upcoming = cron.upcoming(schedule.expression, schedule.timezone, moment)
    while moment <= bound and walked < _MOST_WALKED:
        times.append(moment)
        walked += 1
        moment = next(upcoming)
    if moment <= bound:
        # Too long ago to be walked through: on to the times that may count still.
        begin = max(moment, now - max(schedule.missed_window, schedule.grace, timedelta(minutes=1)))
        latest = _between(schedule, begin, bound)
        times.extend(latest)
        walked += len(latest)
        moment = cron.next_after(schedule.expression, schedule.timezone, bound)
    next_run_at = moment if moment <= end else None
    return _Due(times=list(times), earlier=walked - len(times), next_run_at=next_run_at)


def _between(schedule: Schedule, begin: datetime, end: datetime) -> list[datetime]:
    times: deque[datetime] = deque(maxlen=schedule.missed_cap + 1)
    for moment in cron.upcoming(schedule.expression, schedule.timezone, begin - timedelta(microseconds=1)):
        if moment > end:
            break
        times.append(moment)
    return list(times)


def _choose(schedule: Schedule, times: Sequence[datetime], now: datetime) -> list[datetime]:
    """The times that get a job, before any look at what is unfinished."""
    window = max(schedule.missed_window, schedule.grace)
    match schedule.missed:
        case MissedPolicy.ALL:
            return [moment for moment in times if now - moment <= window][-schedule.missed_cap :]
        case MissedPolicy.ONCE:
            return [moment for moment in times[-1:] if now - moment <= window]
        case _:
            return [moment for moment in times[-1:] if now - moment <= schedule.grace]


def _missed(times: Sequence[datetime], earlier: int) -> list[Skip]:
    surplus = max(len(times) - _MOST_SKIPS, 0)
    skips = [Skip(scheduled_at=moment, reason=Skipped.MISSED) for moment in times[surplus:]]
    if skips and earlier + surplus:
        skips[0] = Skip(scheduled_at=skips[0].scheduled_at, reason=Skipped.MISSED, times=1 + earlier + surplus)
    return skips


def _firing(schedule: Schedule, moment: datetime, now: datetime) -> Firing:
    due = moment + jitter_of(schedule, moment)
    if now - moment <= schedule.grace:
        return Firing(scheduled_at=moment, run_at=due)
    # What is made up for takes its place in the queue now, and not before what came in time.
    return Firing(scheduled_at=moment, run_at=max(due, now), trigger=Trigger.CATCH_UP)


def _overlap(schedule: Schedule, firings: list[Firing], unfinished: Unfinished) -> tuple[list[Firing], list[Skip]]:
    if schedule.overlap == OverlapPolicy.ALLOW or not firings:
        return firings, []
    # Whoever wants every missed time made up for gets it, one after the other.
    makes_up = schedule.missed == MissedPolicy.ALL and firings[0].trigger == Trigger.CATCH_UP
    if len(firings) > 1 or makes_up:
        return [_behind(firing) for firing in firings], []
    in_the_way = unfinished.all if schedule.overlap == OverlapPolicy.SKIP else unfinished.waiting
    if in_the_way:
        return [], [Skip(scheduled_at=one.scheduled_at, reason=Skipped.OVERLAP, trigger=one.trigger) for one in firings]
    return [_behind(firing) if unfinished.begun else firing for firing in firings], []


def _behind(firing: Firing) -> Firing:
    return Firing(scheduled_at=firing.scheduled_at, run_at=firing.run_at, trigger=firing.trigger, is_behind=True)


def _plan_interval(
    schedule: Schedule, interval: timedelta, now: datetime, unfinished: Unfinished, last: datetime | None
) -> Plan:
    """One job is always there until it ends; a trigger in the database makes the schedule due then."""
    anchor = schedule.starts_at or schedule.counts_from
    look_again = intervals.next_in(anchor, interval, now)
    if unfinished.all:
        return Plan(next_run_at=look_again)
    latest = intervals.latest_in(anchor, interval, now)
    is_open = latest is not None and latest >= schedule.counts_from and (last is None or last < latest)
    if latest is not None and is_open and now - latest <= schedule.grace:
        moment = latest
    else:
        moment = look_again if last is None or last < look_again else intervals.next_in(anchor, interval, last)
    if schedule.ends_at is not None and moment > schedule.ends_at:
        return Plan(next_run_at=None)
    firing = Firing(scheduled_at=moment, run_at=moment + jitter_of(schedule, moment))
    return Plan(firings=[firing], next_run_at=max(moment, look_again) if moment <= now else moment)
