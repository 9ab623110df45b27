"""Where a failed attempt leads."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from jobqueue.registry import fixed
from jobqueue.reports import Report, after_error, encode_report
from jobqueue.states import Status
from tests.jobqueue.letters import letters


def _after(number: int, code: str = "ValueError", max_attempts: int = 3) -> tuple[Status, float | None]:
    return after_error("letter", number, max_attempts, code)


def test_while_attempts_are_left_it_is_retried_after_the_task_types_wait() -> None:
    with letters(backoff=fixed(7, jitter=0)):
        assert _after(1) == (Status.RETRYING, 7.0)
        assert _after(2) == (Status.RETRYING, 7.0)


@pytest.mark.parametrize("number", [3, 4])
def test_after_the_last_attempt_it_is_dead(number: int) -> None:
    with letters():
        assert _after(number) == (Status.DEAD, None)


def test_the_jobs_own_number_of_attempts_counts() -> None:
    with letters(max_attempts=1):
        assert _after(1, max_attempts=2)[0] == Status.RETRYING


@pytest.mark.parametrize("number", [1, 3])
def test_what_no_retry_can_mend_has_failed_at_once(number: int) -> None:
    with letters():
        assert _after(number, "AUTH_ERROR") == (Status.FAILED, None)


def test_a_job_of_a_task_type_that_nobody_knows_any_more_follows_the_default() -> None:
    status, wait = after_error("gone", 1, 3, "WORKER_LOST")

    assert status == Status.RETRYING
    assert wait is not None
    assert 0.5 < wait < 2


@pytest.mark.parametrize(
    "backoff", [lambda _: 1 / 0, lambda _: None, lambda _: 5, lambda _: timedelta(days=999_999_999) * 2]
)
def test_a_broken_backoff_is_logged_and_the_default_is_used(backoff: Any, caplog: pytest.LogCaptureFixture) -> None:
    with letters(backoff=backoff), caplog.at_level(logging.ERROR):
        status, wait = _after(2)

    assert status == Status.RETRYING
    assert wait is not None
    assert 1 < wait < 3
    assert "The backoff" in caplog.text


def test_a_negative_wait_is_none() -> None:
    with letters(backoff=lambda _: timedelta(seconds=-5)):
        assert _after(1) == (Status.RETRYING, 0.0)


def test_a_report_says_only_what_it_knows() -> None:
    report = Report(id="i", claim=1, number=1, started=1.0, finished=2.0, outcome="succeeded", status="succeeded")

    assert encode_report(report) == (
        b'{"id":"i","claim":1,"number":1,"started":1.0,"finished":2.0,"outcome":"succeeded","status":"succeeded"}'
    )
