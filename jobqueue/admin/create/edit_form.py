"""The form of a job that has not begun: its options and, for who may, its payload."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from jobqueue.admin.create.options_form import OptionsForm
from jobqueue.admin.create.what import of_type, payload_of, stored_job
from jobqueue.admin.schedules import job_panel
from jobqueue.admin.schedules.job_panel import JobPanel
from jobqueue.editing import JobChanges
from jobqueue.exceptions import JobQueueError
from jobqueue.models import Job
from jobqueue.registry import registry

_OPTIONS = ("run_at", "priority", "queue", "max_attempts", "timeout", "deadline", "tags")


class EditJobForm(OptionsForm):
    """What is posted counts; only what differs from the stored job is a change.

    Args:
        job: the job as it is stored.
        may_edit_payload: whether its payload is part of the form.
    """

    def __init__(self, data: QueryDict | None = None, *, job: Job, may_edit_payload: bool) -> None:
        super().__init__(data, job=job)
        self.payload: Any = job.payload
        self.panel = _panel(data, job) if may_edit_payload else None
        self._stored = job

    def clean(self) -> dict[str, Any]:
        """The options, and the payload as the panel has it."""
        given = super().clean()
        if self.panel is not None:
            try:
                self.payload = payload_of(self.panel)
            except ValidationError:
                self.add_error(None, "The payload is not possible as it is: see below what is wrong.")
        return given

    def changes(self) -> JobChanges:
        """What a valid form would change."""
        job, given = self._stored, self.cleaned_data
        wanted = {name: given[name] for name in _OPTIONS}
        if given["delay"] is not None:
            wanted["run_at"] = timezone.now() + given["delay"]
        changed = {name: value for name, value in wanted.items() if value != getattr(job, name)}
        if not _is_same(job.task_type, self.payload, job.payload):
            changed["payload"] = self.payload
        return JobChanges(**changed)


def _is_same(task_type: str, one: Any, other: Any) -> bool:
    """Whether two payloads come to the same for the handler, as far as it takes them."""
    try:
        known = registry.get(task_type)
        return one == other or known.encode(one) == known.encode(other)
    except JobQueueError:
        return bool(one == other)


def _panel(data: QueryDict | None, job: Job) -> JobPanel:
    stored = stored_job(job)
    return JobPanel(job.task_type, stored) if data is None else job_panel.posted(of_type(data, job.task_type), stored)
