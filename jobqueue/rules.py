"""The rules of a task type about its other jobs: which are duplicates, and how many may run at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec

from jobqueue.exceptions import ConfigurationError
from jobqueue.states import UNFINISHED, Status

type KeyOf = Callable[[Any], str | None]
"""Takes the payload, gives the key; None for no limit."""
type By = str | Sequence[str] | KeyOf

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_KEY = 255
_HIGHEST_LIMIT = 32_767
# Equal values give equal text, whatever the order in which a set or a mapping was filled.
_encode = msgspec.json.Encoder(order="deterministic").encode


def fields_of(by: By) -> Sequence[str]:
    """The payload fields that make the key; none if a function makes it."""
    if isinstance(by, str):
        return (by,)
    return () if callable(by) else by


def _key(by: By, task_type: str, payload: Any, suffix: str = "") -> str | None:
    if callable(by):
        key = by(payload)
        if key is not None and not isinstance(key, str):
            raise TypeError(f"expected text or None, got {type(key).__name__}")
        return None if key is None else key + suffix
    values = (_encode(getattr(payload, field)).decode() for field in fields_of(by))
    return _bounded(":".join([task_type, *values]) + suffix)


def _bounded(key: str) -> str:
    # Two long keys differ in their hash where they differ anywhere; the beginning stays for people to read.
    if len(key) <= _LONGEST_KEY:
        return key
    digest = sha256(key.encode()).hexdigest()
    return f"{key[: _LONGEST_KEY - len(digest) - 1]}#{digest}"


def _check_by(by: Any) -> None:
    is_names = isinstance(by, Sequence) and all(isinstance(name, str) and name for name in by)
    if not (callable(by) or is_names):
        raise ConfigurationError(f"by is {by!r}: expected names of payload fields, or a function of the payload.")


@dataclass(frozen=True, kw_only=True)
class Unique:
    """At most one job per key in the given states, and per period if there is one.

    Args:
        by: names of payload fields (as in Python) that make the key, or a function of the payload; empty: one job for
            the whole task type. A key made of fields may grow as long as they do; a function's has 255 characters at
            most.
        states: the states in which a job counts; the unfinished ones unless said otherwise.
        period: with `timedelta(hours=1)` one job per key and hour of the clock (UTC), by the time it is to run.

    Raises:
        ConfigurationError: one of them is impossible.
    """

    by: By = ()
    states: Sequence[Status] = UNFINISHED
    period: timedelta | None = None

    def __post_init__(self) -> None:
        _check_by(self.by)
        if isinstance(self.states, str) or not self.states or not set(self.states) <= set(Status):
            raise ConfigurationError(f"states is {self.states!r}: expected one or more of {', '.join(Status.values)}.")
        if self.period is not None and (not isinstance(self.period, timedelta) or self.period <= timedelta()):
            raise ConfigurationError(f"period is {self.period!r}: expected a timedelta of more than nothing.")

    def key(self, task_type: str, payload: Any, run_at: datetime) -> str | None:
        """The key of a job that is to run at `run_at`."""
        suffix = "" if self.period is None else f"@{(run_at - _EPOCH) // self.period}"
        return _key(self.by, task_type, payload, suffix)


@dataclass(frozen=True, kw_only=True)
class Concurrency:
    """At most `limit` jobs with the same key run at once, over all workers.

    Args:
        by: names of payload fields (as in Python) that make the key, or a function of the payload; empty: one key for
            the whole task type. Task types whose functions give the same key share its places.
        limit: 1 to 32767.

    Raises:
        ConfigurationError: one of them is impossible.
    """

    by: By = ()
    limit: int = 1

    def __post_init__(self) -> None:
        _check_by(self.by)
        if type(self.limit) is not int or not 1 <= self.limit <= _HIGHEST_LIMIT:
            raise ConfigurationError(f"limit is {self.limit!r}: expected 1 to {_HIGHEST_LIMIT}.")

    def key(self, task_type: str, payload: Any) -> str | None:
        """The key of a job."""
        return _key(self.by, task_type, payload)
