"""Durations as operators write them: 90s, 5m, 2h, 14d."""

import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(text: str) -> timedelta:
    """The duration that the text says.

    Raises:
        ValueError: it says none; the message shows what would.
    """
    match = re.fullmatch(r"(\d{1,9})([smhd])", text.strip().lower())
    if match is None:
        raise ValueError(f"{text!r} is not a duration: expected a number with a unit, such as 90s, 5m, 2h or 14d.")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
