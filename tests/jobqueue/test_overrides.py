"""Changing task types in the settings."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from jobqueue.exceptions import ConfigurationError
from jobqueue.registry import Concurrency, Priority, TaskType, Unique, fixed, registry
from jobqueue.states import Status


def _overridden(settings: Settings, **changes: Any) -> TaskType:
    settings.JOB_QUEUE = {"TASK_TYPES": {"add_one": changes}}
    return registry.get("add_one")


def test_every_policy_can_be_changed(settings: Settings) -> None:
    changed = _overridden(
        settings,
        label="Count",
        max_attempts=2,
        backoff=fixed(9, jitter=0),
        backoff_for={"RATE_LIMIT": fixed(99, jitter=0)},
        never_retry={"TIMEOUT"},
        only_retry={"RATE_LIMIT", OSError},
        timeout=timedelta(hours=1),
        unique=Unique(by=["number"]),
        concurrency=Concurrency(limit=7),
        queue="mail",
        priority=Priority.LOW,
        max_postponements=3,
        retention={"failed": timedelta(days=1)},
    )

    assert (changed.label, changed.queue, changed.priority, changed.max_postponements) == (
        "Count", "mail", Priority.LOW, 3,
    )  # fmt: skip
    assert (changed.unique, changed.concurrency) == (Unique(by=["number"]), Concurrency(limit=7))
    assert changed.retry.backoff_after("RATE_LIMIT")(1) == timedelta(seconds=99)
    assert changed.retry.is_retryable("X", OSError())
    assert not changed.retry.is_retryable("X", ValueError())
    assert changed.keeps(Status.FAILED) == timedelta(days=1)


def test_values_may_be_given_as_to_job_handler(settings: Settings) -> None:
    changed = _overridden(settings, unique=lambda payload: "one", retention=timedelta(0), priority=50)

    assert isinstance(changed.unique, Unique)
    assert changed.keeps(Status.SUCCEEDED) == timedelta(0)
    assert changed.priority is Priority.HIGH


def test_a_policy_can_be_taken_away(settings: Settings) -> None:
    settings.JOB_QUEUE = {"TASK_TYPES": {"only_once": {"unique": None}}}

    assert registry.get("only_once").unique is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"max_attempts": 0}, "max_attempts is 0: expected 1 to 32767"),
        ({"priority": "urgent"}, "priority is 'urgent': expected one of LOW"),
        ({"unique": Unique(by=["name"])}, "unique names name, which Number does not have: expected some of number"),
        ({"retention": {"pending": timedelta(1)}}, "retention names 'pending'"),
        ({"never_retry": "TIMEOUT"}, "never_retry is 'TIMEOUT'"),
        ({5: 6}, "unknown settings 5"),
    ],
)
def test_an_impossible_value_is_refused_saying_where_it_stands(
    settings: Settings, changes: dict[Any, Any], problem: str
) -> None:
    settings.JOB_QUEUE = {"TASK_TYPES": {"add_one": changes}}

    with pytest.raises(ConfigurationError, match=rf"JOB_QUEUE\['TASK_TYPES'\]\['add_one'\].* {problem}"):
        registry.get("add_one")


def test_changes_that_are_no_dict_are_refused(settings: Settings) -> None:
    settings.JOB_QUEUE = {"TASK_TYPES": {"add_one": 5}}

    with pytest.raises(ConfigurationError, match="is 5: expected a dict"):
        registry.get("add_one")


def test_what_came_of_them_is_remembered_until_they_change(settings: Settings) -> None:
    changed = _overridden(settings, max_attempts=2)

    assert registry.get("add_one") is changed
    settings.JOB_QUEUE["TASK_TYPES"]["add_one"]["max_attempts"] = 3
    assert registry.get("add_one").retry.max_attempts == 3
