"""What makes a schedule valid, and when it begins."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from jobqueue import cron, intervals, scopes
from jobqueue.durations import say_duration
from jobqueue.exceptions import JobQueueError
from jobqueue.registry import registry

if TYPE_CHECKING:
    from jobqueue.models.schedule import Schedule

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=366)
_LONGEST_SPAN = timedelta(days=3_660)
# A tick comes a little after the time; a crontab's, up to a minute. Without grace, each time would be a missed one.
_SHORTEST_SPANS = {"missed_window": timedelta(), "jitter": timedelta(), "grace": timedelta(minutes=1)}


def problems_of(schedule: "Schedule") -> dict[str, str]:
    """By field, what could not be fired, with what would be right. The expression gets its usual form."""
    problems = _problems_of_times(schedule)
    if schedule.starts_at and schedule.ends_at and schedule.ends_at <= schedule.starts_at:
        problems["ends_at"] = "It ends before it starts: expected a later time."
    for name, least in _SHORTEST_SPANS.items():
        span = getattr(schedule, name)
        if not isinstance(span, timedelta) or not least <= span <= _LONGEST_SPAN:
            problems[name] = f"{span} is not possible: expected {say_duration(least)} to 3660 days."
    problems |= _problems_of_job(schedule)
    if schedule.is_active and not problems:
        problems |= _problems_of_bounds(schedule)
    return problems


def first_time(schedule: "Schedule", begin: datetime) -> datetime:
    """The first time of a valid schedule if those before `begin` do not count.

    Raises:
        InvalidExpressionError, InvalidTimezoneError: it is not valid.
    """
    if schedule.interval is not None:
        if schedule.starts_at is None:
            return begin
        return intervals.next_in(schedule.starts_at, schedule.interval, begin - timedelta(microseconds=1))
    if schedule.starts_at is not None and schedule.starts_at > begin:
        begin = schedule.starts_at - timedelta(microseconds=1)
    return cron.next_after(schedule.expression, schedule.timezone, begin)


def _problems_of_times(schedule: "Schedule") -> dict[str, str]:
    if schedule.is_interval:
        return _problems_of_interval(schedule)
    if schedule.interval is not None:
        return {"interval": "A schedule with a cron expression has no interval: expected none."}
    try:
        schedule.expression = cron.normalise(schedule.expression)
        cron.check(schedule.expression, schedule.timezone)
    except cron.InvalidTimezoneError as error:
        return {"timezone": str(error)}
    except cron.InvalidExpressionError as error:
        return {"expression": str(error)}
    return {}


def _problems_of_bounds(schedule: "Schedule") -> dict[str, str]:
    try:
        first = first_time(schedule, timezone.now())
    except (cron.InvalidExpressionError, OverflowError):
        return {"starts_at": "It never runs after its start: expected an earlier time."}
    if schedule.ends_at is not None and first > schedule.ends_at:
        return {"ends_at": "It ends before its next run: expected a later time, or an inactive schedule."}
    return {}


def _problems_of_interval(schedule: "Schedule") -> dict[str, str]:
    if schedule.expression:
        return {"expression": "A schedule with an interval has no cron expression: expected none."}
    span = schedule.interval
    if span is None:
        return {"interval": "An interval is missing: expected a time such as 00:15:00, for every 15 minutes."}
    if not SHORTEST <= span <= LONGEST:
        return {"interval": f"{say_duration(span)} is not possible: expected 1 min to 366 d."}
    try:
        cron.zone_named(schedule.timezone)
    except cron.InvalidTimezoneError as error:
        return {"timezone": str(error)}
    return {}


def _problems_of_job(schedule: "Schedule") -> dict[str, str]:
    try:
        task_type = registry.get(schedule.task_type)
    except JobQueueError as error:
        return {"task_type": str(error)}
    problem = scopes.problem_of(schedule.scope, task_type, schedule.payload)
    if problem:
        return {"scope": problem}
    try:
        task_type.encode(scopes.with_scope(schedule.payload, schedule.scope, task_type))
    except JobQueueError as error:
        return {"payload": str(error)}
    return {}
