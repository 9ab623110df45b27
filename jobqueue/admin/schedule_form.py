"""The form of a schedule: choices from the registry and the time zone data; the model judges the rest."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from jobqueue.models import Schedule
from jobqueue.registry import registry

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Schedule]
else:
    _ModelForm = forms.ModelForm

type Choices = Sequence[tuple[str, str]]


class ScheduleForm(_ModelForm):
    """A schedule's fields; a value that is no choice any more stays in its field, to be refused by name."""

    task_type = forms.ChoiceField(widget=UnfoldAdminSelectWidget())
    timezone = forms.ChoiceField(
        initial="UTC", label="Time zone", help_text="The zone of the times above.", widget=UnfoldAdminSelectWidget()
    )
    is_active = forms.BooleanField(label="Active", required=False, initial=True, widget=UnfoldBooleanSwitchWidget())
    max_attempts = forms.IntegerField(min_value=1, max_value=32_767, initial=3, widget=UnfoldAdminIntegerFieldWidget())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("task_type", _task_types())
        self._offer("timezone", _zones())
        for name in {"payload", "notes"} & self.fields.keys():
            self.fields[name].widget.attrs["rows"] = 4

    def clean_payload(self) -> Any:
        """An empty field means no values, not null."""
        return self.cleaned_data["payload"] or {}

    def _offer(self, name: str, choices: Choices) -> None:
        if name not in self.fields:  # a reader's page has no fields
            return
        current = getattr(self.instance, name)
        is_gone = current and current not in dict(choices)
        field: Any = self.fields[name]
        field.choices = [*([(current, f"{current} (unknown)")] if is_gone else []), *choices]


def _task_types() -> Choices:
    return [(task_type.name, f"{task_type.label} ({task_type.name})") for task_type in registry]


@cache
def _zones() -> Choices:
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [(name, name) for name in ["UTC", *names]]
