"""The form of a new job, which may be one that comes again and again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from jobqueue.admin.create.names import free_name
from jobqueue.admin.create.options_form import OptionsForm, zone_of
from jobqueue.admin.create.what import payload_of, stored_job
from jobqueue.admin.forms.wall_clock import placed
from jobqueue.admin.schedules import job_panel
from jobqueue.admin.schedules.job_panel import JobPanel, StoredJob
from jobqueue.admin.schedules.times_fields import End, EndField, IntervalField
from jobqueue.declaring import check_schedule, new_schedule
from jobqueue.exceptions import InvalidScheduleError
from jobqueue.models import Job, Schedule
from jobqueue.models.schedule import ScheduleKind
from jobqueue.new_job import NewJob
from jobqueue.redaction import redact
from jobqueue.registry import registry

_RECURRING = ("recurring", "interval", "ends", "name")
_OF_ONE_JOB = ("tags", "timeout", "deadline")
_LIKE = ("priority", "queue", "max_attempts", "timeout", "tags")


class NewJobForm(OptionsForm):
    """What, for whom, when, how; and how often.

    Args:
        like: a job that the new one is to be like.
        may_repeat: whether the person may make schedules.
    """

    task_type = forms.ChoiceField(widget=UnfoldAdminSelectWidget())
    recurring = forms.BooleanField(
        label="Recurring",
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="Makes a schedule, which always keeps its next job in the queue.",
    )
    interval = IntervalField(label="Every", help_text="At least 1 minute. The next run waits for the one before.")
    ends = EndField(label="For how long", help_text="Counted from its first run.")
    name = forms.CharField(
        label="Name of the schedule",
        required=False,
        max_length=100,
        help_text="Empty: made from the task type and the interval.",
        widget=UnfoldAdminTextInputWidget(),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        like: Job | None = None,
        task_type: str = "",
        may_repeat: bool = False,
    ) -> None:
        super().__init__(data, initial={name: getattr(like, name) for name in _LIKE} if like else {})
        field: Any = self.fields["task_type"]
        field.choices = [("", "Choose …"), *((one.name, f"{one.label} ({one.name})") for one in registry)]
        if not may_repeat:
            for name in _RECURRING:
                del self.fields[name]
        self.payload: Any = None
        self.schedule: Schedule | None = None
        self.panel = job_panel.posted(data, StoredJob()) if data is not None else _panel(task_type, like)
        self.initial["task_type"] = self.panel.name

    @property
    def help(self) -> str:
        """What the chosen task type does."""
        return self.panel.task_type.help if self.panel.task_type else ""

    def clean(self) -> dict[str, Any]:
        """The payload as the panel has it, and the schedule if there is to be one."""
        given = super().clean()
        try:
            self.payload = payload_of(self.panel)
        except ValidationError:
            self.add_error(None, "The job cannot be created with these values: see below what is wrong.")
        if given.get("recurring"):
            self._repeat(given)
        return given

    def new_job(self) -> NewJob:
        """What a valid form asks for."""
        given = self.cleaned_data
        return NewJob(
            task_type=given["task_type"],
            payload=self.payload,
            run_at=given["run_at"],
            delay=given["delay"],
            priority=given["priority"],
            queue=given["queue"] or None,
            max_attempts=given["max_attempts"],
            timeout=given["timeout"],
            deadline=given["deadline"],
            tags=given["tags"],
        )

    def _repeat(self, given: dict[str, Any]) -> None:
        for name in _OF_ONE_JOB:
            if given.get(name):
                label = self.fields[name].label
                self.add_error(name, f"The jobs of a schedule have no “{label}”: leave it empty, or do not repeat.")
        if given.get("interval") is None and "interval" not in self.errors:
            self.add_error("interval", "An interval is missing: expected one of the choices, or a number.")
        if not self.errors:
            self._make_schedule(given)

    def _make_schedule(self, given: dict[str, Any]) -> None:
        task_type, every = given["task_type"], given["interval"]
        schedule = new_schedule(given["name"] or free_name(task_type, every), task_type)
        schedule.kind, schedule.expression, schedule.interval = ScheduleKind.INTERVAL, "", every
        schedule.timezone = given.get("timezone") or "UTC"
        schedule.starts_at = _start(given)
        schedule.ends_at = self._end(given.get("ends"), schedule)
        schedule.payload, schedule.scope = self.panel.payload(), dict(self.panel.scope())
        for name in ("priority", "queue", "max_attempts"):
            if given[name] not in (None, ""):
                setattr(schedule, name, given[name])
        try:
            if not self.errors:
                check_schedule(schedule)
                self.schedule = schedule
        except InvalidScheduleError as error:
            for field, problem in error.problems.items():
                self.add_error(_AT.get(field), problem)

    def _end(self, end: End | None, schedule: Schedule) -> datetime | None:
        if end is None:
            return None
        if end.at is None:
            return end.counted_from(schedule.starts_at)
        try:
            return placed(end.at, zone_of(schedule.timezone))
        except ValidationError as error:
            self.add_error("ends", error)
            return None


_AT = {"name": "name", "interval": "interval", "ends_at": "ends", "starts_at": "run_at", "queue": "queue",
       "timezone": "timezone", "max_attempts": "max_attempts"}  # fmt: skip


def _start(given: dict[str, Any]) -> Any:
    delay: timedelta | None = given["delay"]
    return timezone.now() + delay if delay else given["run_at"]


def _panel(task_type: str, like: Job | None) -> JobPanel:
    if like is None:
        return JobPanel(task_type, StoredJob())
    stored = stored_job(like)
    panel = JobPanel(like.task_type, StoredJob(), payload=stored.payload, scope=stored.scope)
    if redact(like.payload) != like.payload:
        panel.problems.append("Secrets are not copied: write them again.")
    return panel
