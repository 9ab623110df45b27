"""How long to wait before the next attempt, and which errors deserve one."""

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

type Backoff = Callable[[int], timedelta]
"""Takes the number of the attempt that failed (1 for the first), gives the wait before the next."""

NEVER_RETRIED = frozenset({"AUTH_ERROR", "VALIDATION_ERROR", "NOT_FOUND"})
_LONGEST = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class _Curve:
    """base x growth, capped, then spread by jitter so that a crowd of failures does not come back as one."""

    base: float
    growth: Callable[[int], float]
    cap: float
    jitter: float

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
    """What a task type does with an attempt that failed."""

    max_attempts: int
    backoff: Backoff
    never_retry: Collection[str] = NEVER_RETRIED

    def is_retryable(self, error_code: str) -> bool:
        """Whether an error of this code may pass by itself."""
        return error_code not in self.never_retry
