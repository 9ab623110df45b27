"""How long to wait before the next attempt, and which errors deserve one."""

import math
import random
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from jobqueue.exceptions import ConfigurationError

type Backoff = Callable[[int], timedelta]
"""Takes the number of the attempt that failed (1 for the first), gives the wait before the next."""
type ErrorKind = str | type[BaseException]
"""An error code, or a class of exceptions (its subclasses, too)."""

NEVER_RETRIED = frozenset({"AUTH_ERROR", "VALIDATION_ERROR", "NOT_FOUND"})
WORKER_LOST, KILLED = "WORKER_LOST", "KILLED"
_LONGEST = timedelta(hours=1)
_MOST_ATTEMPTS = 32_767
# What befell the process says nothing about the job; `never_retry` may name them all the same.
_NO_ERRORS_OF_A_HANDLER = frozenset({WORKER_LOST, KILLED})


@dataclass(frozen=True, kw_only=True)
class _Curve:
    """base x growth, capped, then spread by jitter so that a crowd of failures does not come back as one."""

    base: float
    growth: Callable[[int], float]
    cap: float
    jitter: float

    def __post_init__(self) -> None:
        for name, value in (("base", self.base), ("cap", self.cap)):
            if not 0 <= value < math.inf:
                raise ConfigurationError(f"The {name} of a backoff is {value!r}: expected seconds, 0 or more.")
        if not 0 <= self.jitter <= 1:
            raise ConfigurationError(f"The jitter of a backoff is {self.jitter!r}: expected a share from 0 to 1.")

    def __call__(self, attempt: int) -> timedelta:
        seconds = min(self.base * self.growth(attempt), self.cap)
        spread = seconds * self.jitter
        return timedelta(seconds=seconds + random.uniform(-spread, spread))  # noqa: S311  not a secret


def exponential(base: float = 1, *, cap: timedelta = _LONGEST, jitter: float = 0.1) -> Backoff:
    """base, 2 base, 4 base, 8 base ... seconds; `jitter` is the share by which each wait varies either way."""
    # 2**62 seconds is past any cap; without the bound a huge attempt number would overflow a float.
    return _Curve(base=base, growth=lambda n: 2.0 ** min(n - 1, 62), cap=cap.total_seconds(), jitter=jitter)


def linear(base: float = 1, *, cap: timedelta = _LONGEST, jitter: float = 0.1) -> Backoff:
    """base, 2 base, 3 base ... seconds."""
    return _Curve(base=base, growth=float, cap=cap.total_seconds(), jitter=jitter)


def fixed(seconds: float = 1, *, jitter: float = 0.1) -> Backoff:
    """The same wait every time, in seconds."""
    return _Curve(base=seconds, growth=lambda _: 1.0, cap=seconds, jitter=jitter)


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """What a task type does with an attempt that failed.

    Args:
        max_attempts: how often a job is executed before it is dead, 1 to 32767.
        backoff: the wait before each retry.
        never_retry: errors that no retry can mend; by default `NEVER_RETRIED`, or none if `only_retry` is given.
        only_retry: if given, every other error of the handler is one that no retry can mend.
        backoff_for: other waits for some errors; a code goes before a class, a class before those it derives from.

    Raises:
        ConfigurationError: one of them is impossible.
    """

    max_attempts: int
    backoff: Backoff
    never_retry: Collection[ErrorKind] | None = None
    only_retry: Collection[ErrorKind] | None = None
    backoff_for: Mapping[ErrorKind, Backoff] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if type(self.max_attempts) is not int or not 1 <= self.max_attempts <= _MOST_ATTEMPTS:
            raise ConfigurationError(f"max_attempts is {self.max_attempts!r}: expected 1 to {_MOST_ATTEMPTS}.")
        _check_kinds("never_retry", self.never_retry)
        _check_kinds("only_retry", self.only_retry)
        if not isinstance(self.backoff_for, Mapping):
            raise ConfigurationError(f"backoff_for is {self.backoff_for!r}: expected a mapping of errors to backoffs.")
        _check_kinds("backoff_for", self.backoff_for.keys())
        for backoff in (self.backoff, *self.backoff_for.values()):
            if not callable(backoff):
                raise ConfigurationError(
                    f"{backoff!r} is no backoff: expected one of exponential(), linear(), fixed(), or a function of "
                    "the attempt's number that gives a timedelta."
                )

    def is_retryable(self, error_code: str, error: BaseException | None = None) -> bool:
        """Whether an error may pass by itself.

        Args:
            error: the exception, where it is at hand; without it only codes are judged.
        """
        never = self.never_retry
        if never is None:
            never = NEVER_RETRIED if self.only_retry is None else ()
        if error_code in never or _classes(never, error):
            return False
        if self.only_retry is None or error_code in _NO_ERRORS_OF_A_HANDLER:
            return True
        return error_code in self.only_retry or bool(_classes(self.only_retry, error))

    def backoff_after(self, error_code: str, error: BaseException | None = None) -> Backoff:
        """The backoff that counts after this error; arguments as above."""
        if not self.backoff_for:
            return self.backoff
        if error_code in self.backoff_for:
            return self.backoff_for[error_code]
        classes = _classes(self.backoff_for, error)
        return self.backoff_for[min(classes, key=_distance_from(error))] if classes else self.backoff


def wait_asked_by(error: BaseException | None) -> timedelta:
    """The least wait that an error asks for by its attribute `retry_after`: a timedelta, or a number of seconds.

    Returns:
        Nothing if it asks for none, or for an impossible one.
    """
    try:
        asked: Any = getattr(error, "retry_after", None)
    except Exception:  # noqa: BLE001  a property is the app's code, too
        return timedelta()
    if isinstance(asked, bool) or not isinstance(asked, timedelta | int | float):
        return timedelta()
    if isinstance(asked, float) and not math.isfinite(asked):
        return timedelta()
    return max(asked if isinstance(asked, timedelta) else _seconds(asked), timedelta())


def _seconds(number: float) -> timedelta:
    try:
        return timedelta(seconds=number)
    except OverflowError:
        return timedelta.max if number > 0 else timedelta.min


def _classes(kinds: Iterable[ErrorKind], error: BaseException | None) -> list[type[BaseException]]:
    """The classes among the kinds that the error is an instance of."""
    return [] if error is None else [kind for kind in kinds if isinstance(kind, type) and isinstance(error, kind)]


def _distance_from(error: BaseException | None) -> Callable[[type[BaseException]], int]:
    ancestors = type(error).__mro__
    return lambda kind: ancestors.index(kind) if kind in ancestors else len(ancestors)


def _check_kinds(name: str, kinds: Any) -> None:
    if kinds is None:
        return
    if isinstance(kinds, str) or not isinstance(kinds, Collection) or not all(map(_is_kind, kinds)):
        raise ConfigurationError(f"{name} is {kinds!r}: expected a set of error codes and classes of exceptions.")


def _is_kind(kind: Any) -> bool:
    return isinstance(kind, str) or (isinstance(kind, type) and issubclass(kind, BaseException))
