"""What a cycle has done so far, counted as its jobs' reports are stored."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from jobqueue.claim import ClaimedJob
from jobqueue.states import AttemptOutcome

_MOST_RESULTS = 10
_MOST_ERRORS = 5
_LONGEST_MESSAGE = 500
_FAILED = {AttemptOutcome.ERROR, AttemptOutcome.TIMED_OUT, AttemptOutcome.KILLED, AttemptOutcome.LOST}


class _End(msgspec.Struct):
    """As much of a `Report` as is told of a cycle."""

    id: str
    started: float
    finished: float
    outcome: str
    status: str
    code: str | None = None
    message: str | None = None


_decode = msgspec.json.Decoder(_End).decode


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """How many jobs, and the first of them as `CycleJob`s in JSON."""

    claimed: int = 0
    processed: int = 0
    succeeded: int = 0
    failed: int = 0
    results: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)


class Tally:
    """Fed by the supervisor's threads, read by others at any time."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._numbers = Numbers()
        self._types: dict[str, str] = {}

    def claimed(self, jobs: Iterable[ClaimedJob]) -> None:
        """These were claimed; some may go back unused, and come again."""
        with self._guard:
            self._types |= {job.id: job.task_type for job in jobs}

    def written(self, reports: Iterable[bytes], releases: Iterable[tuple[str, int]]) -> None:
        """These reports are stored, and these jobs, as (id, claim), went back. What was handed back does not count."""
        ends = [_decode(report) for report in reports]
        with self._guard:
            for id_, _ in releases:
                self._types.pop(id_, None)
            for end in ends:
                task_type = self._types.pop(end.id, "")
                if end.outcome != AttemptOutcome.RETURNED:
                    self._count(end, task_type)

    def numbers(self) -> Numbers:
        """What there is so far."""
        with self._guard:
            return replace(self._numbers, claimed=self._numbers.processed + len(self._types))

    def _count(self, end: _End, task_type: str) -> None:
        so_far, has_failed = self._numbers, end.outcome in _FAILED
        told = _told(end, task_type)
        self._numbers = replace(
            so_far,
            processed=so_far.processed + 1,
            succeeded=so_far.succeeded + (end.outcome == AttemptOutcome.SUCCEEDED),
            failed=so_far.failed + has_failed,
            results=[*so_far.results, told] if len(so_far.results) < _MOST_RESULTS else so_far.results,
            errors=[*so_far.errors, told] if has_failed and len(so_far.errors) < _MOST_ERRORS else so_far.errors,
        )


def _told(end: _End, task_type: str) -> dict[str, Any]:
    return {
        "jobId": end.id,
        "taskType": task_type,
        "outcome": end.outcome,
        "status": end.status,
        "seconds": round(end.finished - end.started, 3),
        "code": end.code or "",
        "message": (end.message or "")[:_LONGEST_MESSAGE],
    }
