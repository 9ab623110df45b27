"""The picture of a job's life: waiting, attempts and the gaps between them, side by side, wider the longer they took.

The widths are logarithmic: a backoff of an hour must not hide attempts of a tenth of a second.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from jobqueue.models import Attempt, Job
from jobqueue.states import WAITING, AttemptOutcome, Status
from jobqueue.templatetags.jobqueue_pills import colour_of_outcome
from jobqueue.templatetags.jobqueue_times import length_of_time

_LEAST = timedelta(milliseconds=1)
_LABELLED = 4.0
"""Percent of the width from which on there is room for a number."""
_SAID = 9.0
"""And for a duration."""
_GAPS = {
    AttemptOutcome.POSTPONED: ("postponed", "its handler asked to be run later"),
    AttemptOutcome.RETURNED: ("returned", "handed back by its worker, no attempt used"),
    AttemptOutcome.LOST: ("backoff", "waited after its worker was lost"),
}


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One stretch of time."""

    css: str
    title: str
    span: timedelta
    number: int | None = None
    """Of the attempt, if it is one."""
    claim: int | None = None
    x: float = 0
    """Percent of the width, as `width`."""
    width: float = 0

    @property
    def middle(self) -> float:
        """Where its label stands."""
        return round(self.x + self.width / 2, 2)

    @property
    def end(self) -> float:
        """Where it ends; a little before the next begins."""
        return round(self.x + self.width, 2)

    @property
    def label(self) -> str:
        """The attempt's number, if there is room."""
        return f"{self.number}" if self.number is not None and self.width >= _LABELLED else ""

    @property
    def said(self) -> str:
        """How long it took, if there is room."""
        return length_of_time(self.span) if self.width >= _SAID else ""


def timeline(job: Job, attempts: Sequence[Attempt], now: datetime, *, is_cut: bool = False) -> list[Segment]:
    """The stretches from the job's creation to its end or to now.

    Args:
        attempts: oldest first.
        is_cut: there were earlier ones.
    """
    found = [one for one in _segments(job, attempts, now, is_cut=is_cut) if one.number is not None or one.span > _LEAST]
    return _placed(found)


_LEGEND = {
    "waited": "waited for its turn",
    "waits": "waits now",
    "due": "until it is due",
    "backoff": "waited to be retried",
    "postponed": "put off by its handler",
    "returned": "handed back unused",
    "by-hand": "until retried by hand",
    "earlier": "earlier attempts",
}


def legend(segments: Sequence[Segment]) -> list[tuple[str, str]]:
    """The kinds of gaps among them, with what they mean."""
    there = {one.css for one in segments}
    return [(css, words) for css, words in _LEGEND.items() if css in there]


def told(segments: Sequence[Segment]) -> str:
    """The picture in words."""
    return "; ".join(f"{one.title}, {length_of_time(one.span)}" for one in segments)


def _segments(job: Job, attempts: Sequence[Attempt], now: datetime, *, is_cut: bool) -> Iterator[Segment]:
    at, before = job.created_at, None
    for attempt in attempts:
        yield _gap(at, attempt.started_at, before, attempt.number, is_cut=is_cut and before is None)
        yield _attempt(attempt)
        at, before = attempt.finished_at, attempt
    if job.status == Status.RUNNING:
        started = job.started_at if job.started_at and job.started_at >= at else now
        yield _gap(at, started, before, job.attempt_number, is_cut=False)
        yield Segment(
            css="running", title=f"attempt {job.attempt_number}: running", span=now - started, number=job.attempt_number
        )
    elif job.status in WAITING:
        yield replace(_gap(at, now, before, job.attempts + 1, is_cut=False), css="waits")
        if job.run_at > now:
            yield Segment(css="due", title="until it is due", span=job.run_at - now)
    elif job.finished_at and not (before and before.finished_at >= job.finished_at):
        yield _gap(at, job.finished_at, before, job.attempts + 1, is_cut=False)


def _attempt(attempt: Attempt) -> Segment:
    outcome = AttemptOutcome(attempt.outcome)
    code = f" ({attempt.error_code})" if attempt.error_code else ""
    return Segment(
        css=f"{colour_of_outcome(outcome)} jq-outcome-{outcome.value.replace('_', '-')}",
        title=f"attempt {attempt.number}: {outcome.label.lower()}{code}",
        span=attempt.duration,
        number=attempt.number,
        claim=attempt.claim,
    )


def _gap(start: datetime, end: datetime, before: Attempt | None, number: int, *, is_cut: bool) -> Segment:
    css, title = _kind_of_gap(before, number, is_cut=is_cut)
    return Segment(css=css, title=title, span=max(end - start, timedelta()))


def _kind_of_gap(before: Attempt | None, number: int, *, is_cut: bool) -> tuple[str, str]:
    if is_cut:
        return "earlier", "earlier attempts"
    if before is None:
        return "waited", "waited for its turn"
    outcome = AttemptOutcome(before.outcome)
    if outcome in _GAPS and outcome != AttemptOutcome.LOST:
        return _GAPS[outcome]
    if number <= before.number or outcome in (AttemptOutcome.SUCCEEDED, AttemptOutcome.CANCELLED):
        return "by-hand", "until it was retried by hand"
    return _GAPS.get(outcome, ("backoff", "waited to be retried"))


def _placed(segments: Sequence[Segment]) -> list[Segment]:
    weights = [1 + math.log10(1 + 10 * max(0.0, one.span.total_seconds())) for one in segments]
    whole, at, placed = sum(weights) or 1, 0.0, []
    for segment, weight in zip(segments, weights, strict=True):
        width = 100 * weight / whole
        placed.append(replace(segment, x=round(at, 2), width=round(width, 2)))
        at += width
    return placed
