"""For whom a schedule runs: one choice for each kind of customer that its task type can be limited to."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from jobqueue.scopes import Scope, scopes
from jobqueue.task_type import TaskType

PREFIX = "scope"
MOST_CHOICES = 200
_LARGEST = 2**63 - 1


class ScopeForm(forms.Form):
    """Ids by the scopes' names; an empty choice is everybody.

    Args:
        task_type: what runs.
        data: what was posted.
        values: a scope to show.
        kept: the stored scope; what this form does not offer of it stays, to be judged by the schedule's rules.
    """

    def __init__(
        self,
        task_type: TaskType,
        data: Mapping[str, Any] | None = None,
        *,
        values: Mapping[str, int] | None = None,
        kept: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(data, prefix=PREFIX)
        values = values or {}
        for scope in offered(task_type):
            self.fields[scope.name] = scope_field(scope, values.get(scope.name))
            self.initial[scope.name] = values.get(scope.name)
        self._kept = {name: key for name, key in (kept or {}).items() if name not in self.fields}

    def scope(self) -> dict[str, Any]:
        """What was chosen, so far as it is valid."""
        given = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        return {**self._kept, **{name: _id(key) for name, key in given.items() if key}}


def _id(key: Any) -> Any:
    """An id; what is stored wrongly stays as it is, to be refused."""
    return int(key) if str(key).isdecimal() else key


def offered(task_type: TaskType) -> list[Scope]:
    """The scopes whose field the task type's payload has."""
    return [scope for scope in scopes() if scope.field in task_type.payload_type.__struct_fields__]


def scope_field(scope: Scope, current: int | None = None) -> forms.Field:
    """A choice of one of them or everybody; of very many, their ids are typed."""
    found = list(islice(scope.choices()[: MOST_CHOICES + 1], MOST_CHOICES + 1))
    if len(found) > MOST_CHOICES:
        return forms.IntegerField(
            label=scope.label,
            required=False,
            min_value=1,
            max_value=_LARGEST,
            widget=UnfoldAdminIntegerFieldWidget({"placeholder": "Everybody"}),
            help_text=f"The id of one {scope.label.lower()}; empty for everybody.",
        )
    choices = [(str(one.pk), scope.label_of(one)) for one in found]
    if current is not None and str(current) not in dict(choices):
        choices.insert(0, (str(current), f"{current} (there is none)"))
    return forms.ChoiceField(
        label=scope.label, required=False, choices=[("", "Everybody"), *choices], widget=UnfoldAdminSelectWidget()
    )
