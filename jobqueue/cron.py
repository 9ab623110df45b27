"""Cron expressions in time zones, by cronsim (Debian cron's rules, also for daylight saving)."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from cron_descriptor import ExpressionDescriptor, Options
from cronsim import CronSim, CronSimError

from jobqueue.exceptions import JobQueueError


class InvalidExpressionError(JobQueueError):
    """The cron expression cannot be read or never comes true."""


class InvalidTimezoneError(JobQueueError):
    """No such IANA time zone."""


_LARGEST = (("a minute", 59), ("an hour", 23), ("a day", 31), ("a month", 12), ("a weekday", 7))


def upcoming(expression: str, timezone: str, after: datetime) -> Iterator[datetime]:
    """The times strictly after `after`, in order, in the zone.

    Raises:
        InvalidExpressionError, InvalidTimezoneError: with what would be right.
    """
    zone = _zone(timezone)
    if len(expression.split()) != 5:
        raise InvalidExpressionError(
            f"{expression[:80]!r} is not a cron expression: expected five fields, minute hour day month weekday, "
            "such as */30 * * * * (every 30 minutes) or 0 7 * * 1-5 (weekdays at 7:00)."
        )
    _check_steps(expression)
    try:
        return iter(CronSim(expression, after.astimezone(zone)))
    except CronSimError as error:
        raise InvalidExpressionError(f"{expression[:80]!r} is not a cron expression: {error}.") from None


def next_after(expression: str, timezone: str, after: datetime) -> datetime:
    """The first time strictly after `after`.

    Raises:
        InvalidExpressionError: also if there is none, as for 30 February.
    """
    for moment in islice(upcoming(expression, timezone, after), 1):
        return moment
    raise InvalidExpressionError(f"{expression!r} never comes true: no such date in the next 50 years.")


def check(expression: str, timezone: str) -> None:
    """Raise InvalidExpressionError or InvalidTimezoneError unless it has a next time."""
    next_after(expression, timezone, datetime.now(_zone(timezone)))


def describe(expression: str) -> str:
    """The expression in plain words, such as "Every 30 minutes"."""
    options = Options()
    options.use_24hour_time_format = True
    return str(ExpressionDescriptor(expression, options).get_description())


def _check_steps(expression: str) -> None:
    # "*/90 * * * *" reads as every 90 minutes; cron would run it every hour.
    for field, (name, most) in zip(expression.split(), _LARGEST, strict=True):
        for part in field.split(","):
            step = part.partition("/")[2]
            if step.isdecimal() and int(step[:9]) > most:
                raise InvalidExpressionError(
                    f"{expression[:80]!r} is not a cron expression: {name} is {most} at most, "
                    f"so its step cannot be {step[:9]}."
                )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidTimezoneError(
            f"{name[:80]!r} is not a time zone: expected an IANA name such as UTC, Europe/Berlin or America/New_York."
        ) from None
