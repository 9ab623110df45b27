"""Quick actions as the project says them."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django.fixtures import Settings

from jobqueue.exceptions import InvalidOptionError
from jobqueue.quick_actions import QuickAction, QuickStep, find_quick_action, problems_of_quick_actions
from tests.jobqueue.quick import BOTH, BROKEN, NAME


def action(name: str = "both", steps: Sequence[QuickStep] = BOTH.steps) -> QuickAction:
    return QuickAction(name=name, label="Both", help="", icon="sync", steps=steps)


def step(task_type: str = "add_one", **more: Any) -> QuickStep:
    return QuickStep(label="Step", task_type=task_type, **more)


def test_one_is_found_by_its_name(settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "QUICK_ACTIONS": NAME}
    assert find_quick_action("both") == BOTH
    with pytest.raises(InvalidOptionError, match="no quick action 'all': expected both, fetch-only, broken"):
        find_quick_action("all")


def test_it_can_run_dry_if_all_its_steps_can() -> None:
    assert BOTH.can_dry_run
    assert not BROKEN.can_dry_run


def test_a_project_without_any_is_told_so(settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "QUICK_ACTIONS": ()}
    with pytest.raises(InvalidOptionError, match="expected none, as JOB_QUEUE has no QUICK_ACTIONS"):
        find_quick_action("both")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("tests.jobqueue.quick.NOTHING", "which is no list"),
        (["both"], "'both': expected a QuickAction"),
        ([action("Two words")], "'Two words': expected a name of its own"),
        ([action(""), action()], "'': expected a name"),
        ([action(), action()], "'both': expected a name of its own"),
        ([action(steps=[])], "'both' has no steps"),
        ([action(steps=[step("unknown")])], "impossible step 'Step': Unknown task type 'unknown'"),
        ([action(steps=[step(payload={"nummer": 1})])], "impossible step 'Step': Invalid payload"),
        ([action(steps=[step(before_in="job")])], "'both' wants 'job', which add_one does not have"),
    ],
)
def test_what_could_not_be_started_is_a_numbered_error(settings: Settings, given: object, told: str) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "QUICK_ACTIONS": given}
    (problem,) = problems_of_quick_actions()
    assert told in problem
    assert [check.id for check in run_checks(tags=["jobqueue"])] == ["jobqueue.E007"]


def test_those_of_this_project_can_be_started() -> None:
    assert list(problems_of_quick_actions()) == []
