"""What `JOB_QUEUE["TASK_TYPES"]` changes of task types, without touching their code."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jobqueue.exceptions import ConfigurationError
from jobqueue.rules import Unique
from jobqueue.states import Priority
from jobqueue.task_type import TaskType, retention_of

_POLICY = frozenset({"max_attempts", "backoff", "never_retry", "only_retry", "backoff_for"})
_OVERRIDABLE = _POLICY | {
    "label", "help", "timeout", "unique", "concurrency", "queue", "priority", "max_postponements", "retention",
}  # fmt: skip


class Overrides:
    """Applies them, and remembers what came of it for as long as neither side changes."""

    def __init__(self) -> None:
        self._applied: dict[str, tuple[TaskType, dict[str, Any], TaskType]] = {}

    def apply(self, task_type: TaskType, changes: Mapping[str, Any]) -> TaskType:
        """The task type with the changes.

        Raises:
            ConfigurationError: one of them is impossible.
        """
        known = self._applied.get(task_type.name)
        if known is not None and known[0] is task_type and known[1] == changes:
            return known[2]
        changed = _changed(task_type, changes)
        self._applied[task_type.name] = (task_type, dict(changes), changed)
        return changed


def _changed(task_type: TaskType, changes: Mapping[str, Any]) -> TaskType:
    where = f"JOB_QUEUE['TASK_TYPES'][{task_type.name!r}]"
    if not isinstance(changes, Mapping):
        raise ConfigurationError(f"{where} is {changes!r}: expected a dict.")
    unknown = sorted(changes.keys() - _OVERRIDABLE, key=str)
    if unknown:
        raise ConfigurationError(
            f"{where} has unknown settings {', '.join(map(str, unknown))}: "
            f"expected some of {', '.join(sorted(_OVERRIDABLE))}."
        )
    policy = {key: value for key, value in changes.items() if key in _POLICY}
    others = {key: value for key, value in changes.items() if key not in _POLICY}
    try:
        return replace(task_type, retry=replace(task_type.retry, **policy), **_read(others))
    except ConfigurationError as error:
        raise ConfigurationError(f"{where}: {error}") from error


def _read(given: dict[str, Any]) -> dict[str, Any]:
    """The same in the shapes that a task type holds; what does not fit stays, for the task type to refuse."""
    read = dict(given)
    if "retention" in given:
        read["retention"] = retention_of(given["retention"])
    if callable(given.get("unique")):
        read["unique"] = Unique(by=given["unique"])
    if given.get("priority") in Priority.values:
        read["priority"] = Priority(given["priority"])
    return read
