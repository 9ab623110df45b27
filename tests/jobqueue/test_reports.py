"""Where a failed attempt leads."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from gameplatform.exceptions import RateLimited
from jobqueue.registry import fixed
from jobqueue.reports import Report, after_error, encode_report, fingerprint_of_code
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


class LimitedError(Exception):
    """Asks for an hour, unless told otherwise."""

    retry_after: float = 3_600.0


class TestAskingForAWait:
    def _wait(self, error: BaseException) -> float | None:
        with letters(backoff=fixed(60, jitter=0)):
            return after_error("letter", 1, 3, "RATE_LIMIT", error)[1]

    def test_an_error_that_asks_for_more_than_the_backoff_gets_it(self) -> None:
        assert self._wait(LimitedError()) == 3_600.0

    def test_one_that_asks_for_less_waits_as_long_as_the_backoff_says(self) -> None:
        error = LimitedError()
        error.retry_after = 5

        assert self._wait(error) == 60.0

    def test_nobody_gets_more_than_the_settings_allow(self, settings: Settings) -> None:
        error = LimitedError()
        error.retry_after = 10**9

        assert self._wait(error) == 86_400.0
        settings.JOB_QUEUE = {"MAX_RETRY_AFTER": timedelta(hours=2)}
        assert self._wait(error) == 7_200.0

    def test_it_changes_nothing_about_whether_there_is_a_next_attempt(self) -> None:
        with letters():
            assert after_error("letter", 3, 3, "RATE_LIMIT", LimitedError()) == (Status.DEAD, None)
            assert after_error("letter", 1, 3, "AUTH_ERROR", LimitedError()) == (Status.FAILED, None)

    def test_the_game_platforms_limit_is_such_an_error(self) -> None:
        error = RateLimited("too many calls", method="GET", path="/", retry_after=1_800.0)

        assert self._wait(error) == 1_800.0


def test_the_class_of_an_error_counts_where_the_error_is_at_hand() -> None:
    with letters(never_retry={LimitedError}, backoff_for={ValueError: fixed(9, jitter=0)}):
        assert after_error("letter", 1, 3, "X", LimitedError()) == (Status.FAILED, None)
        assert after_error("letter", 1, 3, "X", ValueError()) == (Status.RETRYING, 9.0)
        assert after_error("letter", 1, 3, "X")[0] == Status.RETRYING


def test_what_ends_without_an_error_has_a_fingerprint_by_task_type_and_code() -> None:
    marks = {fingerprint_of_code(name, code) for name in ("a", "b") for code in ("KILLED", "TIMEOUT")}

    assert len(marks) == 4
    assert all(len(mark) == 16 for mark in marks)
    assert fingerprint_of_code("a", "KILLED") in marks


def test_a_report_says_only_what_it_knows() -> None:
    report = Report(id="i", claim=1, number=1, started=1.0, finished=2.0, outcome="succeeded", status="succeeded")

    assert encode_report(report) == (
        b'{"id":"i","claim":1,"number":1,"started":1.0,"finished":2.0,"outcome":"succeeded","status":"succeeded"}'
    )
