"""How long a failed job waits."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobqueue.exceptions import ConfigurationError
from jobqueue.retry import Backoff, RetryPolicy, exponential, fixed, linear, wait_asked_by


def _seconds(backoff: Backoff, attempts: int) -> list[float]:
    return [backoff(attempt).total_seconds() for attempt in range(1, attempts + 1)]


def test_exponential_waits_double() -> None:
    assert _seconds(exponential(1, jitter=0), 5) == [1, 2, 4, 8, 16]
    assert _seconds(exponential(0.5, jitter=0), 3) == [0.5, 1, 2]


def test_linear_waits_grow_by_the_same_step() -> None:
    assert _seconds(linear(3, jitter=0), 4) == [3, 6, 9, 12]


def test_fixed_waits_are_alike() -> None:
    assert _seconds(fixed(7, jitter=0), 3) == [7, 7, 7]


@pytest.mark.parametrize("curve", [exponential, linear])
def test_no_wait_grows_past_the_cap(curve: Callable[..., Backoff]) -> None:
    backoff = curve(1, cap=timedelta(seconds=10), jitter=0)

    assert _seconds(backoff, 40)[-1] == 10


@pytest.mark.parametrize("curve", [exponential, linear])
def test_without_a_cap_of_its_own_a_wait_is_an_hour_at_most(curve: Callable[..., Backoff]) -> None:
    assert curve(1, jitter=0)(1_000_000) == timedelta(hours=1)


@given(attempt=st.integers(1, 2**63), base=st.floats(0, 1e6), jitter=st.floats(0, 1))
def test_any_attempt_number_gives_a_wait_within_the_jitter_of_the_cap(attempt: int, base: float, jitter: float) -> None:
    cap = timedelta(minutes=5)
    for curve in (exponential, linear):
        wait = curve(base, cap=cap, jitter=jitter)(attempt)
        assert timedelta() <= wait <= cap * (1 + jitter) + timedelta(microseconds=1)


def test_jitter_spreads_a_crowd_within_its_share() -> None:
    waits = [fixed(100, jitter=0.1)(1).total_seconds() for _ in range(200)]

    assert min(waits) >= 90
    assert max(waits) <= 110
    assert len(set(waits)) > 150


@pytest.mark.parametrize("code", ["AUTH_ERROR", "VALIDATION_ERROR", "NOT_FOUND"])
def test_errors_that_time_does_not_mend_are_not_retried(code: str) -> None:
    assert not RetryPolicy(max_attempts=5, backoff=fixed()).is_retryable(code)


@pytest.mark.parametrize("code", ["NETWORK_ERROR", "TIMEOUT", "RATE_LIMIT", "ValueError", "WORKER_LOST", ""])
def test_any_other_error_is_retried(code: str) -> None:
    assert RetryPolicy(max_attempts=5, backoff=fixed()).is_retryable(code)


def test_a_task_type_names_its_own_hopeless_codes() -> None:
    policy = RetryPolicy(max_attempts=5, backoff=fixed(), never_retry={"TIMEOUT"})

    assert not policy.is_retryable("TIMEOUT")
    assert policy.is_retryable("NOT_FOUND")


@pytest.mark.parametrize("curve", [exponential, linear, fixed])
@pytest.mark.parametrize("options", [{"jitter": -0.1}, {"jitter": 1.1}, {"jitter": float("nan")}])
def test_an_impossible_jitter_is_refused(curve: Callable[..., Backoff], options: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match=r"jitter of a backoff is .*: expected a share from 0 to 1"):
        curve(1, **options)


@pytest.mark.parametrize("base", [-1, float("inf"), float("nan")])
def test_an_impossible_base_is_refused(base: float) -> None:
    with pytest.raises(ConfigurationError, match=r"base of a backoff is .*: expected seconds"):
        exponential(base)


class TestClassesOfErrors:
    def test_an_error_of_a_hopeless_class_is_not_retried_nor_one_derived_from_it(self) -> None:
        policy = RetryPolicy(max_attempts=5, backoff=fixed(), never_retry={"TIMEOUT", LookupError})

        assert not policy.is_retryable("KeyError", KeyError())
        assert not policy.is_retryable("TIMEOUT", ValueError())
        assert policy.is_retryable("ValueError", ValueError())

    def test_without_the_error_itself_only_codes_are_judged(self) -> None:
        assert RetryPolicy(max_attempts=5, backoff=fixed(), never_retry={KeyError}).is_retryable("KeyError")

    def test_if_some_are_named_as_hopeful_all_others_are_hopeless(self) -> None:
        policy = RetryPolicy(max_attempts=5, backoff=fixed(), only_retry={"AUTH_ERROR", OSError})

        assert policy.is_retryable("AUTH_ERROR")
        assert policy.is_retryable("TIMEOUT", TimeoutError())
        assert not policy.is_retryable("TIMEOUT")
        assert not policy.is_retryable("ValueError", ValueError())

    def test_what_is_named_as_both_is_hopeless(self) -> None:
        policy = RetryPolicy(max_attempts=5, backoff=fixed(), only_retry={OSError}, never_retry={TimeoutError})

        assert policy.is_retryable("X", OSError())
        assert not policy.is_retryable("X", TimeoutError())

    @pytest.mark.parametrize("code", ["WORKER_LOST", "KILLED"])
    def test_a_lost_process_is_no_error_of_the_handler(self, code: str) -> None:
        assert RetryPolicy(max_attempts=5, backoff=fixed(), only_retry={"RATE_LIMIT"}).is_retryable(code)
        assert not RetryPolicy(max_attempts=5, backoff=fixed(), never_retry={code}).is_retryable(code)


class TestWaitsByError:
    policy = RetryPolicy(
        max_attempts=5,
        backoff=fixed(1, jitter=0),
        backoff_for={
            LookupError: fixed(2, jitter=0),
            Exception: fixed(3, jitter=0),
            KeyError: fixed(4, jitter=0),
            "BUSY": fixed(5, jitter=0),
        },
    )

    @pytest.mark.parametrize(
        ("code", "error", "seconds"),
        [
            ("X", KeyError(), 4),
            ("X", IndexError(), 2),
            ("X", ValueError(), 3),
            ("X", SystemExit(), 1),
            ("BUSY", KeyError(), 5),
            ("BUSY", None, 5),
            ("WORKER_LOST", None, 1),
        ],
    )
    def test_a_code_goes_before_a_class_and_a_class_before_those_it_derives_from(
        self, code: str, error: BaseException | None, seconds: int
    ) -> None:
        assert self.policy.backoff_after(code, error)(1) == timedelta(seconds=seconds)


def _asking(wait: Any) -> BaseException:
    error = ValueError()
    error.retry_after = wait  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        (5, 5),
        (2.5, 2.5),
        (timedelta(minutes=1), 60),
        (0, 0),
        (-5, 0),
        (timedelta(seconds=-5), 0),
        (-(10**30), 0),
        (float("nan"), 0),
        (float("inf"), 0),
        (True, 0),
        ("5", 0),
        (None, 0),
    ],
)
def test_an_error_may_ask_for_a_wait_and_a_wish_that_makes_no_sense_is_ignored(wait: Any, seconds: float) -> None:
    assert wait_asked_by(_asking(wait)) == timedelta(seconds=seconds)


@pytest.mark.parametrize("wait", [10**30, 1e300])
def test_a_wish_beyond_all_calendars_is_as_long_as_there_is(wait: float) -> None:
    assert wait_asked_by(_asking(wait)) == timedelta.max


def test_most_errors_ask_for_nothing_and_one_that_breaks_when_asked_does_neither() -> None:
    class BrokenError(Exception):
        @property
        def retry_after(self) -> float:
            raise RuntimeError

    assert wait_asked_by(ValueError()) == wait_asked_by(None) == wait_asked_by(BrokenError()) == timedelta()
