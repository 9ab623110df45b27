"""A task type's policies: what they hold, and which are impossible."""

import functools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobqueue.exceptions import ConfigurationError, InvalidPayloadError
from jobqueue.registry import Concurrency, Priority, TaskType, Unique, job_handler, registry
from jobqueue.states import FINISHED, Status
from tests.jobqueue.letters import letters

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _letter() -> TaskType:
    return registry.get("letter")


def test_where_its_jobs_go_may_be_said_once_for_all() -> None:
    with letters(queue="mail", priority=Priority.HIGH):
        assert (_letter().queue, _letter().priority) == ("mail", Priority.HIGH)


def test_jobs_with_the_same_fields_are_duplicates_in_the_states_that_count() -> None:
    with letters(unique=Unique(by=["text"], states=[Status.PENDING, Status.SUCCEEDED])):
        assert _letter().unique_key('{"text": "a"}', NOON) == ('letter:"a"', ["pending", "succeeded"])


def test_a_function_is_a_rule_about_unfinished_jobs() -> None:
    with letters(unique=lambda payload: payload.text):
        assert _letter().unique_key('{"text": "a"}', NOON) == ("a", ["pending", "retrying", "running"])
        assert _letter().place('{"text": "a"}') is None


def test_jobs_with_the_same_fields_share_places() -> None:
    with letters(concurrency=Concurrency(by=["text"], limit=3)):
        assert _letter().place('{"text": "a"}') == ('letter:"a"', 3)
        assert _letter().unique_key('{"text": "a"}', NOON) is None


@pytest.mark.parametrize("rule", [lambda _: 1 / 0, lambda payload: payload.nothing, lambda _: 5])
def test_a_rule_that_fails_on_a_payload_is_an_error_about_that_payload(rule: Any) -> None:
    with letters(unique=rule, concurrency=Concurrency(by=rule)):
        with pytest.raises(InvalidPayloadError, match="the rule for its unique key raised"):
            _letter().unique_key("{}", NOON)
        with pytest.raises(InvalidPayloadError, match="the rule for its concurrency key raised"):
            _letter().place("{}")


class TestRetention:
    def test_without_one_the_queue_decides(self) -> None:
        with letters():
            assert [_letter().keeps(status) for status in FINISHED] == [None] * 4

    def test_a_span_alone_is_for_what_succeeded(self) -> None:
        with letters(retention=timedelta(0)):
            assert _letter().keeps(Status.SUCCEEDED) == timedelta(0)
            assert _letter().keeps(Status.FAILED) is None

    def test_each_final_status_may_have_its_own_by_any_of_its_names(self) -> None:
        with letters(retention={"completed": timedelta(1), Status.DEAD: timedelta(2)}):
            assert _letter().retention == {Status.SUCCEEDED: timedelta(1), Status.DEAD: timedelta(2)}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"max_attempts": 0}, "max_attempts is 0: expected 1 to 32767"),
        ({"max_attempts": True}, "max_attempts is True"),
        ({"backoff": 5}, "5 is no backoff: expected one of exponential"),
        ({"backoff_for": {"TIMEOUT": 5}}, "5 is no backoff"),
        ({"backoff_for": [ValueError]}, "backoff_for is .*: expected a mapping"),
        ({"never_retry": "TIMEOUT"}, "never_retry is 'TIMEOUT': expected a set of error codes and classes"),
        ({"only_retry": [int]}, "only_retry is .*: expected a set of error codes and classes"),
        ({"timeout": timedelta()}, "timeout is .*: expected a timedelta of more than nothing"),
        ({"timeout": 5}, "timeout is 5: expected a timedelta"),
        ({"queue": ""}, "queue is '': expected 1 to 64 characters"),
        ({"queue": "q" * 65}, "queue is .*: expected 1 to 64 characters"),
        ({"priority": 50}, "priority is 50: expected one of LOW, NORMAL, HIGH, CRITICAL"),
        ({"unique": "text"}, "unique is 'text': expected Unique"),
        ({"unique": Unique(by=["test"])}, "unique names test, which Letter does not have: expected some of text"),
        ({"concurrency": Concurrency(by=["test"])}, "concurrency names test, which Letter does not have"),
        ({"concurrency": 5}, "concurrency is 5: expected Concurrency"),
        ({"max_postponements": -1}, "max_postponements is -1: expected 0 to 32767"),
        ({"retention": 5}, "retention is 5: expected a timedelta, or a mapping"),
        ({"retention": {"running": timedelta(1)}}, "retention names 'running': expected some of succeeded"),
        ({"retention": {"gone": timedelta(1)}}, "retention names 'gone'"),
        ({"retention": timedelta(-1)}, "retention of succeeded is .*: expected a timedelta, 0 to delete"),
        ({"retention": {"dead": 5}}, "retention of dead is 5"),
    ],
)
def test_an_impossible_policy_is_refused_when_it_registers(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"Task type 'letter' \(.*send\): {problem}"), letters(**options):
        pass

    assert "letter" not in registry


@pytest.mark.parametrize("name", ["", "n" * 101, "a\0b"])
def test_an_impossible_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"name is .*: expected 1 to 100 characters"):
        job_handler(name)(lambda job: None)


class _Called:
    async def __call__(self, job: Any) -> None: ...


async def _awaited(job: Any) -> None: ...


@pytest.mark.parametrize(
    ("handler", "is_async"),
    [(_awaited, True), (functools.partial(_awaited), True), (_Called(), True), (lambda job: None, False)],
)
def test_it_knows_whether_its_handler_is_to_be_awaited(handler: Any, *, is_async: bool) -> None:
    job_handler("letter")(handler)

    assert registry.get("letter").is_async is is_async
    registry.remove("letter")


async def _yields_async(job: Any) -> Any:
    yield


def _yields(job: Any) -> Any:
    yield


@pytest.mark.parametrize("handler", [_yields, _yields_async])
def test_a_handler_that_yields_is_refused(handler: Any) -> None:
    with pytest.raises(ConfigurationError, match="yields, so calling it would run nothing"):
        job_handler("letter")(handler)
