"""Counts what was asked of the simulator: calls by endpoint and status, and how hard it was pressed."""

import time
from collections import Counter, defaultdict
from typing import Any


class Counters:
    """`begin` when an API call arrives, `end` when its answer is out."""

    def __init__(self) -> None:
        self._outcomes: dict[str, Counter[str]] = defaultdict(Counter)
        self._open = self._peak = 0
        self._second = self._in_second = self._busiest = 0

    def begin(self) -> None:
        """A call has arrived."""
        self._open += 1
        self._peak = max(self._peak, self._open)
        second = int(time.monotonic())
        self._in_second = self._in_second + 1 if second == self._second else 1
        self._second = second
        self._busiest = max(self._busiest, self._in_second)

    def end(self) -> None:
        """Its answer has been delivered, or nobody waits for it any more."""
        self._open -= 1

    def outcome(self, endpoint: str, status: str) -> None:
        """Count the status, or "dropped", of a call to an endpoint such as "GET /users"."""
        self._outcomes[endpoint][status] += 1

    def report(self) -> dict[str, Any]:
        """All counts since the start."""
        return {
            "total": sum(counts.total() for counts in self._outcomes.values()),
            "peak_concurrency": self._peak,
            "busiest_second": self._busiest,
            "by_endpoint": {endpoint: dict(counts) for endpoint, counts in self._outcomes.items()},
        }
