"""The options of a job that people may say: when it runs and how; the same for a new job and for one that waits."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from jobqueue import cron
from jobqueue.admin.forms.span_field import SpanField
from jobqueue.admin.forms.tags_field import TagsField
from jobqueue.admin.forms.wall_clock import placed
from jobqueue.admin.schedules.times_fields import MomentField, shown
from jobqueue.models import Job
from jobqueue.states import Priority

_OWN = "the task type's own"
_MOST_ATTEMPTS = 32_767
_SPAN = "A number and a unit, such as <code>90s</code>, <code>5m</code>, <code>2h</code>, <code>14d</code>."
_MOMENTS = ("run_at", "deadline")
_FOLDED = ("priority", "max_attempts", "queue", "timeout", "deadline", "tags")


class _ZoneField(forms.CharField):
    """Typed, not chosen from: the six hundred choices would be most of the page."""

    def clean(self, value: Any) -> str:
        name = str(super().clean(value)).strip() or "UTC"
        try:
            cron.zone_named(name)
        except cron.InvalidTimezoneError as error:
            raise ValidationError(str(error)) from None
        return name


class OptionsForm(forms.Form):
    """What is left empty is the task type's own choice.

    Args:
        job: one that waits, whose options are shown; times that are left alone stay to the microsecond.
    """

    run_at = MomentField(label="Run at", required=False, help_text="Empty: as soon as a worker is free.")
    timezone = _ZoneField(
        label="Time zone",
        required=False,
        initial="UTC",
        help_text="Of the times here, such as <code>Europe/Berlin</code>.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    delay = SpanField(label="Or after a delay", required=False, help_text=_SPAN)
    priority = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, choices=Priority.choices, widget=UnfoldAdminSelectWidget()
    )
    queue = forms.CharField(required=False, max_length=64, widget=UnfoldAdminTextInputWidget())
    max_attempts = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=_MOST_ATTEMPTS,
        help_text="So often it is tried before it has failed.",
        widget=UnfoldAdminIntegerFieldWidget({"class": "jq-short"}),
    )
    timeout = SpanField(label="Timeout", required=False, help_text=f"How long one attempt may take. {_SPAN}")
    deadline = MomentField(label="Start by", required=False, help_text="Not started by then, it is cancelled.")
    tags = TagsField(label="Tags", help_text="With commas between them.")

    def __init__(self, data: Mapping[str, Any] | None = None, *, job: Job | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.job = job
        for name in ("queue", "max_attempts", "timeout"):
            self.fields[name].widget.attrs["placeholder"] = _OWN
        if job is None:
            field: Any = self.fields["priority"]
            field.choices = [("", "The task type's own"), *Priority.choices]
        else:
            self._show(job)

    def clean(self) -> dict[str, Any]:
        """The times in their zone."""
        given = super().clean() or self.cleaned_data
        zone = zone_of(given.get("timezone") or "UTC")
        for name in _MOMENTS:
            if given.get(name) is not None:
                self._place(name, given[name], zone)
        if given.get("run_at") and given.get("delay") is not None:
            self.add_error("delay", "There is a time to run at already: give one of the two.")
        if self.job is not None:
            for name in ("run_at", "queue", "max_attempts", "priority"):
                if given.get(name) in (None, "") and name not in self.errors and given.get("delay") is None:
                    self.add_error(name, "A job that waits has one: it cannot be empty.")
        return given

    @property
    def are_options_wrong(self) -> bool:
        """Whether something is to be corrected in what is folded away."""
        return bool(self.errors.keys() & set(_FOLDED))

    def _show(self, job: Job) -> None:
        self.initial = {
            "run_at": _in_utc(job.run_at),
            "priority": job.priority,
            "queue": job.queue,
            "max_attempts": job.max_attempts,
            "timeout": job.timeout,
            "deadline": _in_utc(job.deadline),
            "tags": job.tags,
            **self.initial,
        }

    def _place(self, name: str, wall: datetime, zone: tzinfo) -> None:
        before = getattr(self.job, name, None)
        if before is not None and zone == UTC and shown(before.astimezone(UTC)) == shown(wall):
            self.cleaned_data[name] = before
            return
        try:
            self.cleaned_data[name] = placed(wall, zone)
        except ValidationError as error:
            self.add_error(name, error)


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment and moment.astimezone(UTC).replace(tzinfo=None)


def zone_of(name: str) -> tzinfo:
    """The zone that a form says."""
    return UTC if name == "UTC" else cron.zone_named(name)
