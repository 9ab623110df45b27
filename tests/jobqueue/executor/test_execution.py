"""What becomes of a handler's return value or error."""

import re
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from pytest_django import Settings

from jobqueue.exceptions import (
    CancelJob,
    JobCancelled,
    JobInterrupted,
    JobReturned,
    JobTimedOut,
    PermanentError,
    RetryLater,
)
from jobqueue.executor.execution import Execution, interrupted, killed
from jobqueue.models import Job
from jobqueue.registry import JobContext, fixed, job_handler, registry
from jobqueue.reports import Report
from tests.jobqueue.executor.claimed import claimed, context_of
from tests.jobqueue.factories import make_job
from tests.jobqueue.letters import letters


def _run(handler: Callable[[JobContext], Any], policy: dict[str, Any] | None = None, **changes: Any) -> Report:
    job_handler("tried", **{"backoff": fixed(9, jitter=0)} | (policy or {}))(handler)
    try:
        job = claimed("tried", **changes)
        return Execution(1_000).run(job, context_of(job), 1_000.0)
    finally:
        registry.remove("tried")


def _raising(error: BaseException) -> Callable[[JobContext], Any]:
    def handler(job: JobContext) -> Any:
        raise error

    return handler


def _told(report: Report) -> tuple[str, str, str | None, float | None]:
    return report.outcome, report.status, report.code, report.delay


class TestReturning:
    @pytest.mark.parametrize("result", [1, "text", [1, None], {"a": {"b": 1.5}}, timedelta(seconds=1), {1, 2}])
    def test_what_the_handler_returns_is_the_result(self, result: Any) -> None:
        report = _run(lambda _: result)

        assert _told(report) == ("succeeded", "succeeded", None, None)
        assert report.result is not None
        assert msgspec.json.decode(report.result, type=type(result)) == result

    def test_no_result_is_none(self) -> None:
        assert _run(lambda _: None).result is None

    def test_the_report_is_about_this_claim_and_this_attempt(self) -> None:
        report = _run(lambda _: None, number=2)

        assert (report.id, report.claim, report.number, report.started) == (claimed().id, 4, 2, 1_000.0)
        assert report.finished > report.started

    @pytest.mark.parametrize(
        ("result", "problem"),
        [
            (object(), "cannot be stored as JSON"),
            ({1: object()}, "cannot be stored as JSON"),
            ("\ud800", "surrogates not allowed"),
            ("a\0b", r"the character U\+0000"),
            ("x" * 2_000, r"has 2,002 bytes; at most 1,000 are kept \(JOB_QUEUE\['RESULT_MAX_BYTES'\]\)"),
        ],
    )
    def test_a_result_that_cannot_be_stored_fails_the_job_with_the_reason(self, result: Any, problem: str) -> None:
        report = _run(lambda _: result)

        assert _told(report) == ("error", "failed", "RESULT_INVALID", None)
        assert re.search(problem, report.message or "")

    def test_a_result_that_contains_itself_fails_the_job(self) -> None:
        endless: list[Any] = []
        endless.append(endless)

        assert _run(lambda _: endless).code == "RESULT_INVALID"

    def test_the_handler_gets_its_payload_checked_and_typed(self) -> None:
        with letters():
            job = claimed("letter", '{"text": "hello"}')
            report = Execution(1_000).run(job, context_of(job), 1_000.0)

        assert report.result is not None
        assert bytes(report.result) == b'"hello"'


class TestRaising:
    def test_an_ordinary_error_is_retried_after_the_task_types_wait(self) -> None:
        report = _run(_raising(ValueError("no luck")))

        assert _told(report) == ("error", "retrying", "ValueError", 9.0)
        assert report.message == "no luck"
        assert report.traceback is not None
        assert "raise error" in report.traceback

    def test_on_the_last_attempt_it_is_dead(self) -> None:
        assert _told(_run(_raising(ValueError()), number=3)) == ("error", "dead", "ValueError", None)

    def test_a_permanent_error_is_not_retried(self) -> None:
        assert _told(_run(_raising(PermanentError("BROKEN", "for good")))) == ("error", "failed", "BROKEN", None)

    def test_an_error_whose_code_is_hopeless_is_not_retried(self) -> None:
        class RefusedError(Exception):
            error_code = "AUTH_ERROR"

        assert _told(_run(_raising(RefusedError()))) == ("error", "failed", "AUTH_ERROR", None)

    @pytest.mark.parametrize(("number", "status"), [(1, "pending"), (2, "retrying"), (3, "retrying")])
    def test_retry_later_waits_as_long_as_it_says_and_never_dies_of_it(self, number: int, status: str) -> None:
        report = _run(_raising(RetryLater(timedelta(minutes=5), "busy")), number=number)

        assert _told(report) == ("postponed", status, None, 300.0)
        assert report.message == "busy"

    def test_retry_later_in_a_thousand_years_is_in_a_hundred(self) -> None:
        assert _run(_raising(RetryLater(timedelta.max, "busy"))).delay == 3_155_760_000.0

    @pytest.mark.parametrize("delay", [5, None, "5 m"])
    def test_retry_later_after_no_time_at_all_is_an_error_where_it_is_raised(self, delay: Any) -> None:
        with pytest.raises(TypeError, match=r"got the delay .*: expected a timedelta"):
            RetryLater(delay, "busy")

    def test_retry_later_in_the_past_is_now(self) -> None:
        assert _run(_raising(RetryLater(timedelta(minutes=-5), "busy"))).delay == 0.0

    def test_cancel_job_cancels_with_its_reason(self) -> None:
        report = _run(_raising(CancelJob("nothing to do")))

        assert _told(report) == ("cancelled", "cancelled", "CANCELLED", None)
        assert report.message == "nothing to do"

    @pytest.mark.parametrize("error", [SystemExit("bye"), KeyboardInterrupt(), GeneratorExit()])
    def test_not_even_an_exit_leaves_the_executor(self, error: BaseException) -> None:
        assert _run(_raising(error)).status == "retrying"

    def test_endless_recursion_is_an_error_like_any_other(self) -> None:
        def deeper(job: JobContext) -> Any:
            return deeper(job)

        report = _run(deeper)

        assert _told(report)[:3] == ("error", "retrying", "RecursionError")
        assert len(report.traceback or "") < 40_000

    def test_an_interruption_is_passed_on(self) -> None:
        with pytest.raises(JobCancelled):
            _run(_raising(JobCancelled("stop")))

    def test_sys_exit_is_told_by_its_text(self) -> None:
        assert _run(lambda _: sys.exit("bye")).message == "bye"

    def test_a_failed_attempt_says_the_class_and_the_kind_of_its_error(self) -> None:
        reports = [_run(_raising(error)) for error in (ValueError("a"), ValueError("b"), KeyError("a"))]

        assert [report.exception for report in reports] == ["ValueError", "ValueError", "KeyError"]
        assert reports[0].fingerprint == reports[1].fingerprint != reports[2].fingerprint

    @pytest.mark.parametrize("error", [RetryLater(timedelta(), "busy"), CancelJob("nothing to do")])
    def test_what_is_no_failure_has_neither(self, error: BaseException) -> None:
        report = _run(_raising(error))

        assert (report.exception, report.fingerprint) == (None, None)

    def test_the_class_of_an_error_decides_where_the_policy_names_it(self) -> None:
        report = _run(_raising(KeyError("x")), {"never_retry": {LookupError}})

        assert _told(report) == ("error", "failed", "KeyError", None)

    def test_an_error_that_asks_for_a_longer_wait_gets_it(self) -> None:
        error = ValueError("come back later")
        error.retry_after = timedelta(minutes=5)  # type: ignore[attr-defined]

        assert _run(_raising(error)).delay == 300.0


class TestPostponingTooOften:
    later = staticmethod(_raising(RetryLater(timedelta(minutes=5), "busy")))

    def _run(self, postponed: int, **policy: Any) -> Report:
        return _run(self.later, policy, postponed=postponed)

    def test_as_often_as_the_task_type_allows_it_is_postponed(self) -> None:
        assert _told(self._run(2, max_postponements=3)) == ("postponed", "pending", None, 300.0)

    def test_once_more_it_fails_with_the_bound_and_the_last_reason(self) -> None:
        report = self._run(3, max_postponements=3)

        assert _told(report) == ("error", "failed", "POSTPONED_TOO_OFTEN", None)
        assert report.message is not None
        assert report.message.startswith("It asked 4 times in a row to be run later; at most 3 are allowed")
        assert report.message.endswith("The last reason: busy")
        assert report.traceback is not None
        assert report.fingerprint is not None

    def test_a_task_type_may_forbid_it(self) -> None:
        assert self._run(0, max_postponements=0).code == "POSTPONED_TOO_OFTEN"

    def test_without_a_bound_of_its_own_the_settings_count(self, settings: Settings) -> None:
        assert self._run(999).outcome == "postponed"
        assert self._run(1_000).code == "POSTPONED_TOO_OFTEN"
        settings.JOB_QUEUE = {"MAX_POSTPONEMENTS": 5}
        assert self._run(5).code == "POSTPONED_TOO_OFTEN"


async def _answer(_: JobContext) -> str:
    return "an answer"


async def _refusal(_: JobContext) -> str:
    raise KeyError("no answer")


def _forget(job: JobContext) -> Any:
    return _answer(job)


class TestAwaiting:
    def test_an_async_handler_gives_its_result(self) -> None:
        report = _run(_answer)

        assert report.result is not None
        assert bytes(report.result) == b'"an answer"'

    def test_its_errors_are_those_of_any_handler(self) -> None:
        report = _run(_refusal)

        assert _told(report) == ("error", "retrying", "KeyError", 9.0)
        assert "in _refusal" in (report.traceback or "")

    @pytest.mark.parametrize("forgetful", [_forget, lambda _: _Awaitable()])
    def test_a_handler_that_does_not_await_fails_saying_so(self, forgetful: Callable[[JobContext], Any]) -> None:
        report = _run(forgetful)

        assert _told(report) == ("error", "failed", "RESULT_INVALID", None)
        assert report.message == "The handler returned something to be awaited: declare it with `async def`."

    @pytest.mark.django_db
    def test_it_sees_the_database_as_its_caller_does(self) -> None:
        make_job()

        async def count(_: JobContext) -> int:
            return await Job.objects.acount()

        assert bytes(_run(count).result or b"") == b"1"


class _Awaitable:
    def __await__(self) -> Any:
        raise AssertionError


class TestNotEvenStarted:
    def test_a_task_type_that_nobody_knows_fails_with_the_known_ones(self) -> None:
        job = claimed("gone")

        report = Execution(1_000).run(job, context_of(job), 1_000.0)

        assert _told(report) == ("error", "failed", "UNKNOWN_TASK_TYPE", None)
        assert report.message is not None
        assert "Known task types: " in report.message

    def test_a_payload_of_an_older_version_fails_with_the_field(self) -> None:
        with letters():
            job = claimed("letter", '{"subject": "x"}')
            report = Execution(1_000).run(job, context_of(job), 1_000.0)

        assert _told(report) == ("error", "failed", "VALIDATION_ERROR", None)
        assert report.message is not None
        assert "unknown field `subject`" in report.message

    def test_an_override_in_the_settings_counts_in_the_executor_too(self, settings: Settings) -> None:
        settings.JOB_QUEUE = {"TASK_TYPES": {"tried": {"backoff": fixed(77, jitter=0)}}}

        assert _run(_raising(ValueError())).delay == 77.0


class TestStoppedFromOutside:
    @pytest.mark.parametrize(
        ("interruption", "number", "told"),
        [
            (JobCancelled("a mistake"), 1, ("cancelled", "cancelled", "CANCELLED", None)),
            (JobReturned("stopping"), 1, ("returned", "pending", None, None)),
            (JobReturned("stopping"), 2, ("returned", "retrying", None, None)),
            (JobTimedOut("too long"), 3, ("timed_out", "dead", "TIMEOUT", None)),
        ],
    )
    def test_each_interruption_leads_where_it_should(
        self, interruption: JobInterrupted, number: int, told: tuple[Any, ...]
    ) -> None:
        report = interrupted(claimed(number=number), 1_000.0, interruption)

        assert _told(report) == told
        assert report.message == str(interruption)

    def test_a_timeout_is_retried_while_attempts_are_left(self) -> None:
        report = interrupted(claimed(), 1_000.0, JobTimedOut("too long"))

        assert report.status == "retrying"
        assert report.delay is not None

    @pytest.mark.parametrize(("number", "status"), [(1, "retrying"), (3, "dead")])
    def test_a_process_that_died_costs_one_attempt(self, number: int, status: str) -> None:
        report = killed(claimed(number=number), 1_000.0, "killed by signal 9 (SIGKILL)")

        assert _told(report)[:3] == ("killed", status, "KILLED")
        assert report.message == "The process that ran this job was killed by signal 9 (SIGKILL)."

    def test_timeouts_of_a_task_type_are_of_one_kind_and_killed_ones_of_another(self) -> None:
        timed_out, again = (interrupted(claimed(), 1_000.0, JobTimedOut(text)) for text in ("5 s", "6 s"))
        dead = killed(claimed(), 1_000.0, "killed by signal 9 (SIGKILL)")

        assert timed_out.exception == "jobqueue.exceptions.JobTimedOut"
        assert timed_out.fingerprint == again.fingerprint
        assert len({timed_out.fingerprint, dead.fingerprint, None}) == 3

    @pytest.mark.parametrize("interruption", [JobCancelled("a mistake"), JobReturned("stopping")])
    def test_what_somebody_wished_is_no_failure(self, interruption: JobInterrupted) -> None:
        assert interrupted(claimed(), 1_000.0, interruption).fingerprint is None
