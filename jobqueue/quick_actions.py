"""Quick actions: what people start by one button. The project says which there are; see JOB_QUEUE["QUICK_ACTIONS"]."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.module_loading import import_string
from django.utils.text import slugify

from jobqueue.conf import conf
from jobqueue.exceptions import InvalidOptionError, JobQueueError
from jobqueue.registry import registry
from jobqueue.scopes import Scope, scopes
from jobqueue.states import OnFailure
from jobqueue.task_type import TaskType

DRY_RUN = "dry_run"
"""The payload's field of a task type that can run without changing anything."""
_LONGEST_NAME = 50


@dataclass(frozen=True, kw_only=True)
class QuickStep:
    """One job of a quick action. It waits for the job of the step before it."""

    label: str
    task_type: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    """By JSON names; the action's scope and dry run are added."""
    before_in: str = ""
    """The JSON name of the payload's field that takes the id of the job before it, if there is such a field."""
    on_failure: OnFailure = OnFailure.HOLD
    """What becomes of it if the job before it does not succeed."""


@dataclass(frozen=True, kw_only=True)
class QuickAction:
    """A button, and the jobs that it starts, one after the other."""

    name: str
    """In addresses and in the audit log, such as "full-sync"."""
    label: str
    help: str
    """What it does, in one line."""
    icon: str
    """The name of a Material symbol."""
    steps: Sequence[QuickStep]
    group: str = "Quick Actions"
    """The heading under which it stands."""

    @property
    def task_types(self) -> Sequence[TaskType]:
        """Those of its steps.

        Raises:
            UnknownTaskTypeError: nobody registered one of them.
        """
        return [registry.get(step.task_type) for step in self.steps]

    @property
    def can_dry_run(self) -> bool:
        """Whether all its steps can run without changing anything."""
        return all(DRY_RUN in one.payload_type.__struct_fields__ for one in self.task_types)

    @property
    def scopes(self) -> Sequence[Scope]:
        """The scopes that all its steps can be limited to."""
        fields = [one.payload_type.__struct_fields__ for one in self.task_types]
        return [scope for scope in scopes() if all(scope.field in names for names in fields)]


def quick_actions() -> Sequence[QuickAction]:
    """The project's quick actions."""
    given = conf().QUICK_ACTIONS
    return list(import_string(given) if isinstance(given, str) else given)


def find_quick_action(name: str) -> QuickAction:
    """The quick action of that name.

    Raises:
        InvalidOptionError: there is none; with those that there are.
    """
    known = quick_actions()
    for action in known:
        if action.name == name:
            return action
    expected = ", ".join(action.name for action in known) or "none, as JOB_QUEUE has no QUICK_ACTIONS"
    raise InvalidOptionError(f"There is no quick action {name[:80]!a}: expected {expected}.")


def problems_of_quick_actions() -> Iterator[str]:
    """A sentence for everything in the project's quick actions that could not be started."""
    try:
        given: Sequence[object] = quick_actions()
    except (ImportError, TypeError) as error:
        yield f"JOB_QUEUE['QUICK_ACTIONS'] is {conf().QUICK_ACTIONS!r}, which is no list: {error}."
        return
    names: set[str] = set()
    for action in given:
        if not isinstance(action, QuickAction):
            yield f"JOB_QUEUE['QUICK_ACTIONS'] has {action!r}: expected a QuickAction."
            continue
        if action.name != slugify(action.name)[:_LONGEST_NAME] or not action.name or action.name in names:
            yield f"A quick action is called {action.name!r}: expected a name of its own, such as 'full-sync'."
        names.add(action.name)
        yield from _problems_of(action)


def _problems_of(action: QuickAction) -> Iterator[str]:
    if not action.steps:
        yield f"The quick action {action.name!r} has no steps: expected one or more."
    for step in action.steps:
        try:
            task_type = registry.get(step.task_type)
            task_type.encode(step.payload)
        except JobQueueError as error:
            yield f"The quick action {action.name!r} has an impossible step {step.label!r}: {error}"
            continue
        if step.before_in and step.before_in not in task_type.payload_type.__struct_encode_fields__:
            yield f"The quick action {action.name!r} wants {step.before_in!r}, which {step.task_type} does not have."
