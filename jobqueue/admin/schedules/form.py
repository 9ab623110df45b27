"""The form of a schedule: when, what, for whom and by which policies; the model judges what fields cannot tell."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from jobqueue.admin.forms.json_field import RawJSONField
from jobqueue.admin.forms.span_field import SpanField
from jobqueue.admin.schedules import job_panel
from jobqueue.admin.schedules.job_panel import JobPanel, StoredJob
from jobqueue.admin.schedules.times_fields import zones
from jobqueue.admin.schedules.times_form import TimesForm
from jobqueue.models import Schedule
from jobqueue.models.schedule import MissedPolicy, OverlapPolicy
from jobqueue.redaction import redact
from jobqueue.registry import registry

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Schedule]
else:
    _ModelForm = forms.ModelForm

type Choices = Sequence[tuple[str, str]]

_KEPT = ("timezone", "missed", "missed_window", "missed_cap", "overlap", "jitter", "grace")
_SPAN = "A number and a unit, such as <code>90s</code>, <code>5m</code>, <code>2h</code>, <code>14d</code>."


class _Elsewhere(forms.HiddenInput):
    """No widget of its own: the job panel shows the value and reads it."""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class ScheduleForm(TimesForm, _ModelForm):
    """A schedule's fields. What is not posted at all stays as it is; what is wrong is told at its field."""

    is_active = forms.BooleanField(label="Active", required=False, initial=True, widget=UnfoldBooleanSwitchWidget())
    task_type = forms.ChoiceField(widget=UnfoldAdminSelectWidget())
    payload = forms.Field(required=False, widget=_Elsewhere)
    scope = forms.Field(required=False, widget=_Elsewhere)
    max_attempts = forms.IntegerField(
        min_value=1,
        max_value=32_767,
        initial=3,
        help_text="So often a job is tried before it has failed.",
        widget=UnfoldAdminIntegerFieldWidget({"class": "jq-short"}),
    )
    missed = forms.ChoiceField(
        label="Missed times",
        choices=MissedPolicy.choices,
        help_text="What becomes of times at which nothing ran, as while no worker was up.",
        widget=UnfoldAdminSelectWidget(),
    )
    missed_window = SpanField(
        label="Missed at most", help_text=f"Times missed longer ago are left out, and recorded so. {_SPAN}"
    )
    missed_cap = forms.IntegerField(
        label="At most so many",
        min_value=1,
        max_value=1_000,
        help_text="More missed times than these are left out, the oldest first.",
        widget=UnfoldAdminIntegerFieldWidget({"class": "jq-short"}),
    )
    overlap = forms.ChoiceField(
        label="Overlap",
        choices=OverlapPolicy.choices,
        help_text="What becomes of a time at which the job before it has not ended.",
        widget=UnfoldAdminSelectWidget(),
    )
    jitter = SpanField(
        label="Jitter", help_text=f"Each run is delayed by up to this, at random. <code>0s</code> for none. {_SPAN}"
    )
    grace = SpanField(
        label="Grace",
        help_text=f"So late it still counts as on time; later it is missed, and an alert is raised. {_SPAN}",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = StoredJob(
            task_type=self.instance.task_type, payload=self.instance.payload, scope=self.instance.scope
        )
        self.show_times_of(self.instance)
        for name in _KEPT:
            self.initial.setdefault(name, getattr(self.instance, name))
        if "task_type" in self.fields:
            self._offer("task_type", [("", "Choose …"), *_task_types()])
            self._offer("timezone", zones())
        if "notes" in self.fields:
            self.fields["notes"].widget.attrs["rows"] = 3
        if self.is_bound:
            self._keep_what_is_not_posted()
        self.panel = self._panel()

    def clean(self) -> dict[str, Any]:
        """The payload and the scope as their panel has them."""
        given = super().clean()
        for name, problems, value in (
            ("payload", self.panel.payload_errors(), self.panel.payload),
            ("scope", self.panel.scope_errors(), self.panel.scope),
        ):
            try:
                if problems:
                    raise ValidationError(problems)
                given[name] = value()
            except ValidationError as error:
                self.add_error(name, error)
        return given

    def _post_clean(self) -> None:
        self._unread = {"payload", "scope"} & self.errors.keys()
        super()._post_clean()  # type: ignore[misc]

    def _update_errors(self, errors: ValidationError) -> None:
        """As Django does, with what is wrong with the job at its place in the panel."""
        told = getattr(errors, "error_dict", {})
        if self._is_left_as_it_was():
            told.pop("task_type", None)
        if self._unread:  # the instance has another payload than the one that was posted
            told.pop("payload", None)
        if "scope" in self._unread:
            told.pop("scope", None)
        for problem in ValidationError(told.get("payload", [])).messages:
            self.panel.take(problem)
        self.panel.scope_problems += ValidationError(told.get("scope", [])).messages
        if told or not hasattr(errors, "error_dict"):
            super()._update_errors(errors)  # type: ignore[misc]

    def _is_left_as_it_was(self) -> bool:
        """Whether it is off and of a task type that nobody knows any more, as before."""
        gone = self.before.task_type
        return not self.instance.is_active and self.instance.task_type == gone and job_panel.known(gone) is None

    def _keep_what_is_not_posted(self) -> None:
        for name in _KEPT:
            field = self.fields[name]
            if field.widget.value_omitted_from_data(self.data, self.files, self.add_prefix(name)):
                field.disabled = True

    def _panel(self) -> JobPanel:
        if self.is_bound:
            return job_panel.posted(self.data, self.before)
        chosen = self.initial.get("task_type") or self.before.task_type
        payload, scope = (_read(self.initial.get(name)) for name in ("payload", "scope"))
        panel = JobPanel(chosen, self.before, payload=payload, scope=scope if isinstance(scope, Mapping) else None)
        if not self.instance.pk and redact(payload) != payload:
            panel.problems.append("Secrets are not copied: write them again.")
        return panel

    def _offer(self, name: str, choices: Choices) -> None:
        current = getattr(self.instance, name)
        is_gone = current and current not in dict(choices)
        field: Any = self.fields[name]
        field.choices = [*([(current, f"{current} (unknown)")] if is_gone else []), *choices]


def _read(initial: Any) -> Any:
    """A value as it is, or from the JSON text of an address."""
    try:
        return RawJSONField(required=False).clean(initial)
    except ValidationError:
        return None


def _task_types() -> Choices:
    return [(task_type.name, f"{task_type.label} ({task_type.name})") for task_type in registry]
