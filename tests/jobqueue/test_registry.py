"""Registering handlers, and overriding their policies in settings."""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from jobqueue.exceptions import ConfigurationError, UnknownTaskTypeError
from jobqueue.registry import JobContext, Payload, TaskType, fixed, job_handler, registry
from tests.jobqueue.sample.jobs import add_one, noop


class Letter(Payload, frozen=True):
    text: str


@pytest.fixture(autouse=True)
def _own_types_are_forgotten() -> Iterator[None]:
    before = registry.names()
    yield
    for name in set(registry.names()) - set(before):
        registry.remove(name)


def test_a_handler_is_found_by_its_task_type() -> None:
    @job_handler("post", max_attempts=3, timeout=timedelta(seconds=9))
    def post(job: JobContext, payload: Letter) -> None: ...

    known = registry.get("post")

    assert known.handler is post
    assert known.payload_type is Letter
    assert known.takes_payload
    assert (known.retry.max_attempts, known.timeout) == (3, timedelta(seconds=9))
    assert "post" in registry
    assert "post" in registry.names()


def test_a_handler_may_take_the_job_alone() -> None:
    assert not registry.get("noop").takes_payload
    assert registry.get("noop").encode(None) == "{}"


def test_people_read_a_label_made_from_the_name_or_given() -> None:
    job_handler("post", label="Send letters")(lambda job: None)

    assert registry.get("post").label == "Send letters"
    assert registry.get("fail_until").label == "Fail until"


def test_apps_register_their_handlers_by_being_installed() -> None:
    assert {"noop", "job_queue_cleanup"} <= set(registry.names())
    assert [known.name for known in registry] == sorted(registry.names())


def test_two_handlers_of_one_name_are_refused_and_both_are_named() -> None:
    with pytest.raises(ConfigurationError, match=r"'noop': tests.jobqueue.sample.jobs.noop and .*<lambda>"):
        job_handler("noop")(lambda job: None)

    assert registry.get("noop").handler is noop


def test_importing_a_module_of_handlers_twice_is_harmless() -> None:
    job_handler("noop")(noop)

    assert registry.get("noop").handler is noop


def _takes_nothing() -> None: ...
def _takes_three(job: JobContext, payload: Letter, more: int) -> None: ...
def _payload_without_type(job: JobContext, payload) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001
def _payload_of_another_type(job: JobContext, payload: dict[str, Any]) -> None: ...
def _payload_by_name_only(job: JobContext, *, payload: Letter) -> None: ...
def _any_payloads(job: JobContext, *payload: Letter) -> None: ...


@pytest.mark.parametrize(
    "handler",
    [
        _takes_nothing,
        _takes_three,
        _payload_without_type,
        _payload_of_another_type,
        _payload_by_name_only,
        _any_payloads,
    ],
)
def test_a_handler_that_could_not_be_called_is_refused_when_it_registers(handler: Any) -> None:
    with pytest.raises(ConfigurationError, match=re.escape("must take (job) or (job, payload: T)")):
        job_handler("wrong")(handler)

    assert "wrong" not in registry


def test_an_unknown_task_type_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(UnknownTaskTypeError, match=r"Unknown task type 'nop': .*add_one, .*noop, ") as caught:
        registry.get("nop")

    assert caught.value.task_type == "nop"


def test_settings_override_the_policy_of_a_task_type(settings: Settings) -> None:
    settings.JOB_QUEUE = {
        "TASK_TYPES": {
            "add_one": {
                "max_attempts": 2,
                "backoff": fixed(9, jitter=0),
                "never_retry": {"TIMEOUT"},
                "timeout": timedelta(hours=1),
            }
        }
    }

    known = registry.get("add_one")

    assert known.retry.max_attempts == 2
    assert known.retry.backoff(1) == timedelta(seconds=9)
    assert not known.retry.is_retryable("TIMEOUT")
    assert known.timeout == timedelta(hours=1)
    assert known.handler is add_one
    assert registry.get("noop").retry.max_attempts == 5


@pytest.mark.parametrize("name", ["max_attemps", "handler", "name", "payload_type"])
def test_an_override_of_something_else_is_refused_with_what_can_be(settings: Settings, name: str) -> None:
    settings.JOB_QUEUE = {"TASK_TYPES": {"noop": {name: 3}}}

    with pytest.raises(
        ConfigurationError, match=rf"'noop'.*unknown.* {name}: expected some of backoff, .*label, max_att"
    ):
        registry.get("noop")


type Answer = TaskType | None


class Resolver:
    """Knows names that begin with "late", breaks on those that begin with "broken", and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, name: str) -> Answer:
        self.asked.append(name)
        if name.startswith("broken"):
            raise ImportError(f"no module {name}")
        return replace(registry.get("noop"), name=name) if name.startswith("late") else None


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    resolver = Resolver()
    registry.add_resolver(resolver)
    yield resolver
    registry.remove_resolver(resolver)


class TestResolving:
    @pytest.mark.parametrize("ask", [registry.get, registry.__contains__])
    def test_a_name_that_nobody_registered_may_be_found_all_the_same_and_is_known_then(
        self, resolver: Resolver, ask: Callable[[str], object]
    ) -> None:
        assert "late" not in registry.names()
        assert ask("late")
        assert "late" in registry.names()
        assert registry.get("late").handler is noop
        assert resolver.asked == ["late"]

    def test_registered_names_are_not_asked_for(self, resolver: Resolver) -> None:
        registry.get("noop")

        assert resolver.asked == []

    def test_a_name_that_nobody_knows_is_asked_for_once(self, resolver: Resolver) -> None:
        for _ in range(3):
            assert "nope" not in registry
            with pytest.raises(UnknownTaskTypeError, match="Unknown task type 'nope'"):
                registry.get("nope")

        assert resolver.asked == ["nope"]

    def test_another_resolver_is_asked_for_what_the_first_does_not_know(self, resolver: Resolver) -> None:
        assert "other" not in registry
        other = replace(registry.get("noop"), name="other")
        answer: Callable[[str], Answer] = {"other": other}.get
        registry.add_resolver(answer)
        try:
            assert registry.get("other") is other
        finally:
            registry.remove_resolver(answer)

    def test_a_name_that_is_registered_after_it_was_asked_for_is_known(self, resolver: Resolver) -> None:
        assert "post" not in registry

        job_handler("post")(lambda job: None)

        assert registry.get("post").name == "post"

    def test_one_that_fails_is_logged_and_does_not_know_the_name(
        self, resolver: Resolver, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.ERROR), pytest.raises(UnknownTaskTypeError):
            registry.get("broken")

        assert "failed on 'broken'" in caplog.text
        assert "ImportError: no module broken" in caplog.text

    def test_what_it_is_asked_for_does_not_fill_the_memory(self, resolver: Resolver) -> None:
        for number in range(5_000):
            assert f"nope {number}" not in registry

        assert len(registry._unresolved) <= 1_000

    def test_what_it_gives_can_be_overridden_like_any_other(self, resolver: Resolver, settings: Settings) -> None:
        settings.JOB_QUEUE = {"TASK_TYPES": {"late": {"max_attempts": 2}}}

        assert registry.get("late").retry.max_attempts == 2
