"""How long a failed job waits."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobqueue.retry import Backoff, RetryPolicy, exponential, fixed, linear


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
