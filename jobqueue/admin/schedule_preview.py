"""What a cron expression means: in words, and as its next times."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from cron_descriptor.Exception import FormatException, MissingFieldException, WrongArgumentException
from django.utils import timezone

from jobqueue import cron

_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The next times in the schedule's own zone, or what is wrong with the expression."""

    words: str = ""
    times: tuple[datetime, ...] = ()
    problem: str = ""


def preview(expression: str, zone: str) -> Preview:
    """What these would do from now on; a wrong value is told, not raised."""
    try:
        cron.check(expression, zone)
        times = tuple(islice(cron.upcoming(expression, zone, timezone.now()), _SHOWN))
    except (cron.InvalidExpressionError, cron.InvalidTimezoneError) as error:
        return Preview(problem=str(error))
    return Preview(words=in_words(expression), times=times)


def in_words(expression: str) -> str:
    """The expression in plain words; nothing where words fail, as they do for the rarer signs of cron."""
    try:
        return cron.describe(expression)
    except (FormatException, MissingFieldException, WrongArgumentException, ValueError):
        return ""
