"""The part of a schedule's form that says what runs: the payload's fields, or its JSON, and for whom.

It depends on the task type, and so is made anew when another one is chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldBooleanSwitchWidget

from jobqueue.admin.forms.json_field import RawJSONField, unmasked
from jobqueue.admin.forms.payload_form import PayloadForm
from jobqueue.admin.schedules.scope_form import ScopeForm
from jobqueue.registry import registry
from jobqueue.scopes import scopes
from jobqueue.task_type import TaskType

OF = "payload_of"
"""Names the task type whose fields were shown."""
SHOWN = "payload_shown"
"""Whether they were shown as "json" or as "fields"."""
AS_JSON = "payload_as_json"


class RawForm(forms.Form):
    """The payload as JSON, and whether it is to be taken so."""

    payload_as_json = forms.BooleanField(
        label="Write the payload as JSON", required=False, widget=UnfoldBooleanSwitchWidget()
    )
    payload = RawJSONField(label="Payload", required=False, help_text="An object with the fields of the task type.")

    def clean_payload(self) -> Any:
        """An empty field means no values, not null.

        Raises:
            ValidationError: it is no object.
        """
        payload = self.cleaned_data["payload"]
        if payload is not None and not isinstance(payload, dict):
            raise ValidationError('This is no object: expected something such as {"dryRun": true}.')
        return payload or {}


@dataclass(frozen=True, kw_only=True)
class StoredJob:
    """What a schedule runs as it is stored; nothing for a new one."""

    task_type: str = ""
    payload: Any = field(default_factory=dict)
    scope: Mapping[str, int] = field(default_factory=dict)

    def of(self, task_type: str) -> "StoredJob":
        """Itself if it is of that type; what is stored for another one says nothing."""
        return self if task_type == self.task_type else StoredJob(task_type=task_type)


class JobPanel:
    """The payload and the scope of one task type, to be shown or as posted.

    Args:
        task_type: its name; a panel of one that nobody registered takes JSON alone.
        stored: what is stored.
        data: what was posted; without it the panel shows `payload` and `scope`.
        payload, scope: what to show; what is stored if None.
        as_json: have the payload be shown as JSON, as is one that fields cannot show.
    """

    def __init__(
        self,
        task_type: str,
        stored: StoredJob,
        *,
        data: Mapping[str, Any] | None = None,
        payload: Any = None,
        scope: Mapping[str, int] | None = None,
        as_json: bool = False,
    ) -> None:
        self.name = task_type
        self.stored = stored.of(task_type)
        self.task_type = known(task_type)
        self.problems: list[str] = []
        self.scope_problems: list[str] = []
        self.is_complete = data is None or OF in data
        """Whether the panel is what was posted, and not a payload alone by somebody who knows no panels."""
        values = self.stored.payload if payload is None else payload
        self.fields = payload_form(self.task_type, self.stored, data, values)
        self.scopes = self._scopes(data, self.stored.scope if scope is None else scope)
        if data is None:
            self.is_json = as_json or self.fields is None or not self.fields.can_show(values)
        else:
            self.is_json = AS_JSON in data or self.fields is None or OF not in data
        self.raw = RawForm(data, initial={"payload": values, AS_JSON: self.is_json})

    @property
    def shown(self) -> forms.Form:
        """The form that counts."""
        return self.raw if self.is_json or self.fields is None else self.fields

    @property
    def could_be_limited(self) -> bool:
        """Whether other task types can be limited to somebody."""
        return bool(scopes())

    def payload(self) -> Any:
        """The payload of a valid panel.

        Raises:
            ValidationError: a masked secret is not stored.
        """
        if self.shown is self.fields:
            return self.fields.payload()
        return unmasked(self.raw.cleaned_data["payload"], self.stored.payload)

    def scope(self) -> Mapping[str, int]:
        """The chosen scope; the stored one where none could be chosen."""
        return self.stored.scope if self.scopes is None else self.scopes.scope()

    def payload_errors(self) -> list[str]:
        """What is wrong with the payload, with the names of the fields; also if it was not posted."""
        return [*self.problems, *_errors(self.shown)]

    def scope_errors(self) -> list[str]:
        """What is wrong with the scope, so far as fields can tell."""
        return [] if self.scopes is None else _errors(self.scopes)

    def take(self, problem: str) -> None:
        """Show what the task type refused: at its field, or above them all."""
        if self.shown is not self.fields:
            self.raw.add_error("payload", problem)
            return
        told = problem.partition(": ")[2] if problem.startswith("Invalid payload for ") else problem
        if not self.fields.take(told):
            self.problems.append(told)

    def _scopes(self, data: Mapping[str, Any] | None, values: Any) -> ScopeForm | None:
        if self.task_type is None or not self.is_complete:
            return None
        values = values if isinstance(values, Mapping) else {}
        return ScopeForm(self.task_type, data, values=values, kept=self.stored.scope)


def known(task_type: str) -> TaskType | None:
    """The task type of that name, if it is one that can be chosen."""
    return registry.get(task_type) if task_type in registry.names() else None


def payload_form(
    task_type: TaskType | None, stored: StoredJob, data: Mapping[str, Any] | None = None, values: Any = None
) -> PayloadForm | None:
    """The fields of the task type's payload that no scope sets."""
    if task_type is None:
        return None
    return PayloadForm(
        task_type.payload_type,
        data,
        values=values if isinstance(values, Mapping) else {},
        stored=stored.payload if isinstance(stored.payload, Mapping) else {},
        without={scope.field for scope in scopes()},
    )


def posted(data: Mapping[str, Any], stored: StoredJob) -> JobPanel:
    """The panel as it was posted; shown anew if its fields were those of another task type."""
    name = data.get("task_type", "")
    if data.get(OF, name) == name:
        return JobPanel(name, stored, data=data)
    panel = anew(data, stored)
    label = panel.task_type.label if panel.task_type else name
    panel.problems.append(f"The task type was changed, these are the fields of {label}: check them and save again.")
    return panel


def anew(data: Mapping[str, Any], stored: StoredJob) -> JobPanel:
    """The panel for the task type and the way of writing that are chosen now, keeping what fits of what was shown."""
    name, as_json = data.get("task_type", ""), AS_JSON in data
    if OF not in data:
        return JobPanel(name, stored, as_json=as_json)
    before = JobPanel(data[OF], stored, data=data)
    values = _entered(before, was_json=data.get(SHOWN) == "json")
    form = payload_form(known(name), stored.of(name))
    if name != before.name and form is not None and not as_json:
        values = form.showable(values)
    panel = JobPanel(name, stored, payload=values, scope=before.scope(), as_json=as_json)
    if panel.is_json and panel.fields is not None and not as_json:
        panel.problems.append("Fields cannot show all of this payload, so it stays JSON.")
    return panel


def _entered(panel: JobPanel, *, was_json: bool) -> Any:
    """The payload as far as it is right; of JSON that is none, the text."""
    if panel.fields is not None and not was_json:
        return panel.fields.entered()
    return panel.raw.cleaned_data["payload"] if panel.raw.is_valid() else panel.raw["payload"].data


def _errors(form: forms.Form) -> list[str]:
    return [
        str(problem) if name not in form.fields or name == "payload" else f"{form[name].label}: {problem}"
        for name, problems in form.errors.items()
        for problem in problems
    ]
