"""Durations as operators write them: 90s, 5m, 2h, 14d; and as they read them: 8 s, 3 min, 2 h."""

import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SIZES = ((86_400, "d"), (3_600, "h"), (60, "min"))


def parse_duration(text: str) -> timedelta:
    """The duration that the text says.

    Raises:
        ValueError: it says none; the message shows what would.
    """
    match = re.fullmatch(r"(\d{1,9})([smhd])", text.strip().lower())
    if match is None:
        raise ValueError(f"{text!r} is not a duration: expected a number with a unit, such as 90s, 5m, 2h or 14d.")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def say_duration(span: timedelta) -> str:
    """The size of a span in its largest unit, such as "3 min"; its sign is left to the caller."""
    seconds = abs(span.total_seconds())
    for size, unit in _SIZES:
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
