"""A job as lists have it: what is fetched of it, without a model's instance, and what of it is told to programs."""

from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple, Self
from uuid import UUID

from jobqueue.management.printing import iso
from jobqueue.models import Job
from jobqueue.redaction import redact_text
from jobqueue.states import Priority

_PRIORITIES = {priority.value: priority.name for priority in Priority}


class JobRow(NamedTuple):
    """Some columns of a job, by their names in the model: for `values_list(*JobRow._fields)`."""

    id: UUID
    task_type: str
    status: str
    queue: str
    priority: int
    run_at: datetime
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    max_attempts: int
    error_code: str
    error_message: str
    tags: list[str]
    created_by_id: int | None
    schedule_id: int | None
    progress_done: int | None
    progress_total: int | None
    progress_message: str

    @classmethod
    def of(cls, job: Job) -> Self:
        """That of a job that was fetched whole."""
        return cls._make(_columns(job))

    def to_json(self) -> dict[str, Any]:
        """With JSON's names and kinds of values; secrets in its error are masked."""
        id_ = str(self.id)
        return {
            "id": id_,
            "shortId": id_[-8:],
            "taskType": self.task_type,
            "status": self.status,
            "queue": self.queue,
            "priority": _PRIORITIES[self.priority],
            "runAt": iso(self.run_at),
            "createdAt": iso(self.created_at),
            "startedAt": iso(self.started_at),
            "finishedAt": iso(self.finished_at),
            "attempts": self.attempts,
            "maxAttempts": self.max_attempts,
            "errorCode": self.error_code,
            # Most have none, and to ask for all secrets fifty times costs more than the query.
            "errorMessage": redact_text(self.error_message) if self.error_message else "",
            "tags": self.tags,
            "createdBy": self.created_by_id,
            "schedule": self.schedule_id,
            "progress": self._progress(),
        }

    def _progress(self) -> dict[str, Any] | None:
        if self.progress_done is None:
            return None
        return {"done": self.progress_done, "total": self.progress_total, "message": self.progress_message}


_columns = attrgetter(*JobRow._fields)
