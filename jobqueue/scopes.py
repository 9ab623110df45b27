"""Scopes: for whom a schedule runs. The project says which there are; see JOB_QUEUE["SCOPES"]."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string

from jobqueue.conf import conf
from jobqueue.exceptions import InvalidOptionError

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from jobqueue.task_type import TaskType


@dataclass(frozen=True, kw_only=True)
class Scope:
    """One kind of customer, such as an organization.

    A schedule with a scope "coach" sets the field `coach_id` of its jobs' payloads.
    """

    name: str
    label: str
    choices: Callable[[], "QuerySet[Any]"]
    """All that there are, in the order in which people should see them."""
    label_of: Callable[[Any], str] = str
    """How one of them is called."""
    within: Callable[[Any], Mapping[str, int]] = lambda _: {}
    """What one implies of the other scopes, such as a coach's organization: {"organization": 3}."""
    api_field: str = ""
    """How the JSON API calls its id, if not `coach_id` for a scope "coach"."""

    @property
    def field(self) -> str:
        """The payload's field."""
        return f"{self.name}_id"

    @property
    def api_name(self) -> str:
        """The JSON API's field."""
        return self.api_field or self.field


def scopes() -> Sequence[Scope]:
    """The project's scopes."""
    given = conf().SCOPES
    return list(import_string(given) if isinstance(given, str) else given)


def with_scope(payload: Any, scope: Mapping[str, int], task_type: "TaskType") -> Any:
    """The payload with what the scope sets in it, by JSON names; a payload that is no mapping is left to be refused.

    Raises:
        InvalidOptionError: the scope is no mapping.
    """
    if not isinstance(scope, Mapping):
        raise InvalidOptionError(f"scope is {scope!r}: expected ids by name, or {{}} for everybody.")
    if not isinstance(payload, Mapping):
        return payload
    names = json_names(task_type)
    return {**payload, **{names.get(f"{name}_id", f"{name}Id"): key for name, key in scope.items()}}


def problem_of(scope: Any, task_type: "TaskType", payload: Any) -> str | None:
    """What is wrong with this scope for jobs of this type, with what would be right; None if nothing is."""
    known = {one.name: one for one in scopes()}
    if not isinstance(scope, Mapping) or not all(type(key) is int for key in scope.values()):
        return f'{scope!r} is no scope: expected ids by name, such as {{"{next(iter(known), "coach")}": 12}}.'
    for name in scope:
        if problem := _problem_of_name(name, known, task_type, payload):
            return problem
    found = {name: known[name].choices().filter(pk=key).first() for name, key in scope.items()}
    for name, one in found.items():
        if one is None:
            return f"There is no {known[name].label.lower()} {scope[name]}."
        for other, key in known[name].within(one).items():
            if scope.get(other, key) != key:
                return f"{known[name].label_of(one)} does not belong to {known[other].label_of(found[other])}."
    return None


def _problem_of_name(name: str, known: Mapping[str, Scope], task_type: "TaskType", payload: Any) -> str | None:
    if name not in known:
        return f"{name!r} is no scope: expected {' or '.join(known) or 'none, as JOB_QUEUE has no SCOPES'}."
    json_name = json_names(task_type).get(known[name].field)
    if json_name is None:
        return f"{task_type.label} cannot be limited to one {known[name].label.lower()}."
    if isinstance(payload, Mapping) and payload.get(json_name) is not None:
        return f"The payload sets {json_name} already: give one of the two."
    return None


def json_names(task_type: "TaskType") -> dict[str, str]:
    """What the fields of its payload are called in JSON, by their Python names."""
    payload_type = task_type.payload_type
    return dict(zip(payload_type.__struct_fields__, payload_type.__struct_encode_fields__, strict=True))
