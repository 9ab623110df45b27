"""The values of options as people write them: times, durations, numbers, names, JSON."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from jobqueue.durations import parse_duration
from jobqueue.management.command import checked
from jobqueue.states import parse_priority, parse_status

_LARGEST = 2_147_483_647
_LONGEST_NAME = 100
duration = checked(parse_duration)
priority = checked(parse_priority)


@checked
def moment(text: str) -> datetime:
    """A time in ISO 8601; in the zone of the settings if it names none."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is not a time: expected ISO 8601 such as 2026-12-24T18:00+01:00") from None
    return timezone.make_aware(found) if timezone.is_naive(found) else found


@checked
def past(text: str) -> datetime:
    """A time, or how long ago."""
    return _from_now(text, -1)


@checked
def future(text: str) -> datetime:
    """A time, or how long from now."""
    return _from_now(text, +1)


def _from_now(text: str, sign: int) -> datetime:
    try:
        span: timedelta | None = parse_duration(text)
    except ValueError:
        span = None
    if span is None:
        try:
            found = datetime.fromisoformat(text.strip())
        except ValueError:
            raise ValueError(
                f"{text!r} is no time: expected a duration such as 90s, 5m, 2h or 14d, or ISO 8601 such as "
                "2026-12-24T18:00+01:00"
            ) from None
        return timezone.make_aware(found) if timezone.is_naive(found) else found
    try:
        return timezone.now() + sign * span
    except OverflowError:
        raise ValueError(f"{text!r} is too long") from None


@checked
def positive(text: str) -> int:
    """A whole number from 1."""
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:12]) <= _LARGEST:
        raise ValueError(f"{text!r}: expected a whole number from 1 to {_LARGEST}")
    return int(text)


@checked
def name(text: str) -> str:
    """A name of something, in one line."""
    found = text.strip()
    if not found:
        raise ValueError("expected a name")
    if len(found) > _LONGEST_NAME:
        raise ValueError(f"a text of {len(found):,} characters is no name: expected {_LONGEST_NAME} at most")
    if not found.isprintable():
        raise ValueError(f"{found!a} is no name: expected letters, digits and signs in one line")
    return found


@checked
def names(text: str) -> list[str]:
    """One or more names, separated by commas."""
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found:
        raise ValueError("expected a name, or several separated by commas")
    return found


@checked
def statuses(text: str) -> list[str]:
    """One or more statuses, separated by commas, by any name that operators use."""
    return [parse_status(name).value for name in text.split(",")]


@checked
def json_object(text: str) -> dict[str, Any]:
    """A JSON object."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"this is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise ValueError('expected a JSON object such as {"dryRun": true}')
    return value
