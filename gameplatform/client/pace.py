"""How fast calls may follow each other: learned from the platform's own 429 answers, shared by all threads."""

import time
from threading import Lock
from typing import Protocol

_FIRST_GAP = 0.02
_LONGEST_GAP = 2.0
_SHORTEST_GAP = 0.002
_EASING = 0.9


class Pace(Protocol):
    """What the transport asks before and tells after every request."""

    def delay(self) -> float:
        """Take the next place; returns how many seconds to wait for it."""

    def limited(self, retry_after: float | None) -> None:
        """The platform answered 429, perhaps with the seconds to wait."""

    def answered(self) -> None:
        """The platform answered anything else."""


class LearnedPace:
    """Full speed until the first 429; then a gap between calls that doubles with each 429 and eases with each answer.

    Args:
        cap: the longest pause, in seconds, that a Retry-After can cause.
    """

    def __init__(self, cap: float) -> None:
        self._cap = cap
        self._lock = Lock()
        self._gap = 0.0
        self._next = 0.0

    def delay(self) -> float:
        """Take the next place; returns how many seconds to wait for it."""
        with self._lock:
            now = time.monotonic()
            place = max(now, self._next)
            self._next = place + self._gap
            return place - now

    def limited(self, retry_after: float | None) -> None:
        """Slow down, and hold every call back for the time the platform asks for."""
        with self._lock:
            self._gap = min(max(self._gap * 2, _FIRST_GAP), _LONGEST_GAP)
            pause = self._gap if retry_after is None else min(retry_after, self._cap)
            self._next = max(self._next, time.monotonic() + pause)

    def answered(self) -> None:
        """Ease the gap; below two milliseconds it is gone."""
        with self._lock:
            self._gap *= _EASING
            if self._gap < _SHORTEST_GAP:
                self._gap = 0.0
