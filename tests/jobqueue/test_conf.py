"""The queue's settings and their system checks."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from jobqueue.conf import conf
from jobqueue.exceptions import ConfigurationError


def _problems() -> dict[str, str]:
    return {str(problem.id): problem.msg for problem in run_checks(tags=["jobqueue"])}


def test_everything_has_a_default(settings: Settings) -> None:
    del settings.JOB_QUEUE

    assert conf().HEARTBEAT_SECONDS == 5.0
    assert not conf().DISABLED


def test_a_setting_counts_at_once(settings: Settings) -> None:
    settings.JOB_QUEUE = {"DEFAULT_TIMEOUT": timedelta(hours=2), "DISABLED": True}

    assert timedelta(hours=2) == conf().DEFAULT_TIMEOUT
    assert conf().DISABLED
    assert conf().POLL_SECONDS == 5.0


def test_a_misspelt_setting_is_refused_with_the_known_ones(settings: Settings) -> None:
    settings.JOB_QUEUE = {"HEARTBEAT": 3, "POLL": 1}

    with pytest.raises(
        ConfigurationError, match="unknown settings HEARTBEAT, POLL: expected some of API_CALLS_PER_MINUTE, "
    ):
        conf()
    assert "unknown settings HEARTBEAT, POLL" in _problems()["jobqueue.E002"]


def test_the_settings_of_this_project_are_fine() -> None:
    assert _problems() == {}


@pytest.mark.parametrize(
    ("overrides", "id_", "problem"),
    [
        ({"nope": {"max_attempts": 2}}, "jobqueue.E003", "unknown task type 'nope'"),
        ({"noop": {"max_attemps": 2}}, "jobqueue.E004", "unknown settings max_attemps"),
        ({"noop": {"max_attempts": 0}}, "jobqueue.E004", "max_attempts is 0: expected 1 to 32767."),
        ({"noop": {"timeout": 5}}, "jobqueue.E004", "timeout is 5: expected a timedelta of more than nothing."),
        ({"noop": 5}, "jobqueue.E004", "JOB_QUEUE['TASK_TYPES']['noop'] is 5: expected a dict."),
        (["noop"], "jobqueue.E005", "JOB_QUEUE['TASK_TYPES'] is ['noop']: expected a mapping by task type."),
    ],
)
def test_a_wrong_override_is_found_at_start(
    settings: Settings, overrides: dict[str, Any], id_: str, problem: str
) -> None:
    settings.JOB_QUEUE = {"TASK_TYPES": overrides}

    assert problem in _problems()[id_]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DISABLED", "no", "True or False"),
        ("DEFAULT_TIMEOUT", 60, "a timedelta, not negative"),
        ("RETENTION_FAILED", timedelta(days=-1), "a timedelta, not negative"),
        ("POLL_SECONDS", "5", "a number, not negative"),
        ("POLL_SECONDS", -1, "a number, not negative"),
        ("CHILD_MAX_JOBS", 1.5, "a whole number, not negative"),
        ("MAX_POSTPONEMENTS", True, "a whole number, not negative"),
    ],
)
def test_a_setting_of_a_wrong_kind_is_found_at_start(settings: Settings, name: str, value: Any, expected: str) -> None:
    settings.JOB_QUEUE = {name: value}

    assert _problems() == {"jobqueue.E005": f"JOB_QUEUE['{name}'] is {value!r}: expected {expected}."}


@pytest.mark.parametrize("name", ["SECRETS", "RUNNER_SECRETS", "CRON_SECRETS"])
def test_a_secret_of_a_wrong_kind_is_not_quoted(settings: Settings, name: str) -> None:
    settings.JOB_QUEUE = {name: "hunter2-hunter2-hunter2"}

    assert f"JOB_QUEUE['{name}'] is a str: expected a list of texts" in _problems()["jobqueue.E005"]


def test_a_whole_number_will_do_for_seconds(settings: Settings) -> None:
    settings.JOB_QUEUE = {"POLL_SECONDS": 3}

    assert _problems() == {}


def test_right_overrides_are_fine(settings: Settings) -> None:
    settings.JOB_QUEUE = {"TASK_TYPES": {"noop": {"max_attempts": 2, "timeout": timedelta(seconds=1)}}}

    assert _problems() == {}


def test_another_database_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")

    assert _problems() == {"jobqueue.E001": "The job queue needs PostgreSQL, not django.db.backends.sqlite3."}
