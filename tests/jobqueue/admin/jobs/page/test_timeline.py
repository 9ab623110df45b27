"""The picture of a job's life."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from jobqueue.admin.jobs.page.timeline import Segment, legend, timeline, told
from jobqueue.models import Attempt, Job
from jobqueue.states import AttemptOutcome, Status

BEGIN = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """So long after the job was created."""
    return BEGIN + timedelta(seconds=seconds)


def attempt(number: int, start: float, end: float, outcome: AttemptOutcome, code: str = "") -> Attempt:
    """One that is over."""
    return Attempt(
        claim=number, number=number, started_at=at(start), finished_at=at(end), outcome=outcome, error_code=code
    )


def kinds(segments: list[Segment]) -> list[str]:
    """What follows what."""
    return [one.css.split()[0] for one in segments]


FAILED = attempt(1, 10, 12, AttemptOutcome.ERROR, "TIMEOUT")


def test_waiting_attempts_and_gaps_follow_each_other() -> None:
    job = Job(status=Status.SUCCEEDED, created_at=BEGIN, finished_at=at(30))
    found = timeline(job, [FAILED, attempt(2, 20, 30, AttemptOutcome.SUCCEEDED)], at(99))

    assert kinds(found) == ["waited", "failed", "backoff", "succeeded"]
    assert [one.span.total_seconds() for one in found] == [10, 2, 8, 10]
    assert found[1].title == "attempt 1: error (TIMEOUT)"


@pytest.mark.parametrize(
    ("outcome", "number", "gap"),
    [
        (AttemptOutcome.ERROR, 2, "backoff"),
        (AttemptOutcome.TIMED_OUT, 2, "backoff"),
        (AttemptOutcome.LOST, 2, "backoff"),
        (AttemptOutcome.POSTPONED, 1, "postponed"),
        (AttemptOutcome.RETURNED, 1, "returned"),
        (AttemptOutcome.ERROR, 1, "by-hand"),
        (AttemptOutcome.SUCCEEDED, 1, "by-hand"),
        (AttemptOutcome.CANCELLED, 2, "by-hand"),
    ],
)
def test_each_gap_says_what_the_job_waited_for(outcome: AttemptOutcome, number: int, gap: str) -> None:
    job = Job(status=Status.DEAD, created_at=BEGIN, finished_at=at(30))
    attempts = [attempt(1, 0, 5, outcome), attempt(number, 20, 30, AttemptOutcome.ERROR)]

    found = timeline(job, attempts, at(99))

    assert kinds(found)[1] == gap
    assert [words for css, words in legend(found) if css == gap]


def test_a_running_attempt_goes_on() -> None:
    job = Job(status=Status.RUNNING, created_at=BEGIN, started_at=at(20), attempts=2)

    found = timeline(job, [FAILED], at(25))

    assert kinds(found) == ["waited", "failed", "backoff", "running"]
    assert found[-1].span == timedelta(seconds=5)
    assert found[-1].number == 2


def test_a_waiting_job_waits_until_now_and_then_until_it_is_due() -> None:
    job = Job(status=Status.RETRYING, created_at=BEGIN, run_at=at(60), attempts=1)

    found = timeline(job, [FAILED], at(20))

    assert kinds(found) == ["waited", "failed", "waits", "due"]
    assert found[-1].span == timedelta(seconds=40)


def test_a_job_that_never_ran_waited_to_its_end() -> None:
    job = Job(status=Status.CANCELLED, created_at=BEGIN, finished_at=at(60))

    assert kinds(timeline(job, [], at(99))) == ["waited"]


def test_attempts_that_are_not_shown_are_one_stretch() -> None:
    job = Job(status=Status.DEAD, created_at=BEGIN, finished_at=at(12))

    assert kinds(timeline(job, [FAILED], at(99), is_cut=True)) == ["earlier", "failed"]


def random_lengths() -> Iterator[float]:
    """A tenth of a second, an hour, a day and nothing, over and over."""
    while True:
        yield from (0.1, 3_600, 86_400, 0)


def test_everything_has_its_place_between_left_and_right_and_can_be_seen() -> None:
    moment, attempts, lengths = 0.0, [], random_lengths()
    for number in range(1, 51):
        start = moment + next(lengths)
        moment = start + next(lengths)
        attempts.append(attempt(number, start, moment, AttemptOutcome.ERROR))
    job = Job(status=Status.DEAD, created_at=BEGIN, finished_at=at(moment))

    found = timeline(job, attempts, at(moment))

    assert sum(one.number is not None for one in found) == 50
    assert all(one.width > 0.2 for one in found)
    assert all(abs(one.end - after.x) < 0.02 for one, after in pairwise(found))
    assert found[-1].end == pytest.approx(100, abs=0.05)


def test_longer_is_wider() -> None:
    job = Job(status=Status.DEAD, created_at=BEGIN, finished_at=at(3_700))

    short, long = timeline(job, [attempt(1, 1, 3_700, AttemptOutcome.ERROR)], at(3_700))

    assert short.width < long.width < 20 * short.width


def test_the_picture_is_told_in_words() -> None:
    job = Job(status=Status.DEAD, created_at=BEGIN, finished_at=at(12))

    assert told(timeline(job, [FAILED], at(99))) == ("waited for its turn, 10 s; attempt 1: error (TIMEOUT), 2.00 s")
