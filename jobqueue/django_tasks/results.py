"""Results of tasks: what Django's `TaskResult` says of a job and its attempts."""

import os
import socket
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.tasks import Task, TaskResult, TaskResultStatus
from django.tasks.base import TaskError
from django.tasks.exceptions import InvalidTask
from django.utils import timezone

from jobqueue.contexts import JobContext
from jobqueue.django_tasks.call import TaskCall
from jobqueue.django_tasks.levels import level_of
from jobqueue.django_tasks.lookup import AnyTask
from jobqueue.executor.errors import class_of, traceback_of
from jobqueue.models import Attempt, Job
from jobqueue.states import WAITING, AttemptOutcome, Status

type AnyResult = TaskResult[..., Any]

_STATUSES = {
    Status.PENDING: TaskResultStatus.READY,
    Status.RETRYING: TaskResultStatus.READY,
    Status.RUNNING: TaskResultStatus.RUNNING,
    Status.SUCCEEDED: TaskResultStatus.SUCCESSFUL,
    Status.FAILED: TaskResultStatus.FAILED,
    Status.DEAD: TaskResultStatus.FAILED,
    Status.CANCELLED: TaskResultStatus.FAILED,
}
_STOPPED, _CANCELLED, _TIMED_OUT = (
    f"jobqueue.exceptions.{name}" for name in ("JobInterrupted", "JobCancelled", "JobTimedOut")
)
# How an attempt failed that may have recorded no exception of its own.
_FAILURES = {
    AttemptOutcome.ERROR: "builtins.Exception",
    AttemptOutcome.TIMED_OUT: _TIMED_OUT,
    AttemptOutcome.CANCELLED: _CANCELLED,
    AttemptOutcome.KILLED: _STOPPED,
    AttemptOutcome.LOST: _STOPPED,
}
_UNUSED = (AttemptOutcome.POSTPONED, AttemptOutcome.RETURNED)


def find_job(id_: UUID) -> Job | None:
    """The job, without what no result tells."""
    return Job.objects.defer("checkpoint", "progress_message").filter(pk=id_).first()


def load(id_: UUID, task: AnyTask) -> AnyResult | None:
    """The result of the task's job as it stands now; None if it was deleted."""
    job = find_job(id_)
    return None if job is None else result_of(job, task)


def result_of(job: Job, task: AnyTask) -> AnyResult:
    """The result of a job of that task."""
    is_running = job.status == Status.RUNNING
    # One that ended after we read the job is not ours to tell.
    ended = Attempt.objects.filter(job_id=job.pk, claim__lt=job.claim + (not is_running))
    attempts = list(ended.order_by("claim"))
    used = [attempt for attempt in attempts if attempt.outcome not in _UNUSED]
    workers = [attempt.worker_id for attempt in used] + ([job.worker_id] if is_running else [])
    last = job.started_at or (attempts[-1].started_at if attempts else None)
    result: AnyResult = TaskResult(
        task=_as_enqueued(task, job),
        id=str(job.pk),
        status=_STATUSES[Status(job.status)],
        enqueued_at=enqueued_at(job.pk) or job.created_at,
        started_at=attempts[0].started_at if attempts else last,
        finished_at=job.finished_at,
        last_attempted_at=last,
        args=job.payload.get("args", []),
        kwargs=job.payload.get("kwargs", {}),
        backend=task.backend,
        errors=_errors(job, attempts),
        worker_ids=[str(worker or "unknown") for worker in workers],
    )
    object.__setattr__(result, "_return_value", job.result)
    return result


def enqueued[**P, R](id_: UUID, task: "Task[P, R]", args: list[Any], kwargs: dict[str, Any]) -> "TaskResult[P, R]":
    """The result of a job that was just enqueued."""
    return TaskResult(
        task=task,
        id=str(id_),
        status=TaskResultStatus.READY,
        enqueued_at=enqueued_at(id_),
        started_at=None,
        finished_at=None,
        last_attempted_at=None,
        args=args,
        kwargs=kwargs,
        backend=task.backend,
        errors=[],
        worker_ids=[],
    )


def begun(job: JobContext, task: AnyTask, call: TaskCall) -> AnyResult:
    """The result of a job that this process runs, as far as it is known without a query."""
    now = timezone.now()
    result = enqueued(job.id, task, call.args, call.kwargs)
    # The worker's own id is not known here; what counts is how many attempts there are.
    workers = [f"{socket.gethostname()}:{os.getpid()}"] * job.attempt
    return replace(result, status=TaskResultStatus.RUNNING, started_at=now, last_attempted_at=now, worker_ids=workers)


def error_of(error: BaseException) -> TaskError:
    """What a result tells of an exception."""
    return TaskError(exception_class_path=_dotted(class_of(error)), traceback=traceback_of(error))


def enqueued_at(id_: UUID) -> datetime | None:
    """The time that the job's id holds (RFC 9562, section 5.7), so that no query is needed to tell it."""
    return datetime.fromtimestamp((id_.int >> 80) / 1000, UTC) if id_.version == 7 else None


def _as_enqueued(task: AnyTask, job: Job) -> AnyTask:
    changes: dict[str, Any] = {}
    if level_of(task.priority) != job.priority:
        changes["priority"] = int(job.priority)
    if task.queue_name != job.queue:
        changes["queue_name"] = job.queue
    if job.status in WAITING and job.run_at > timezone.now():
        changes["run_after"] = job.run_at
    try:
        return replace(task, **changes) if changes else task
    except InvalidTask:
        return task  # the queue that somebody moved it to is none of the backend's QUEUES


def _errors(job: Job, attempts: Sequence[Attempt]) -> list[TaskError]:
    errors = [_error(attempt) for attempt in attempts if attempt.outcome in _FAILURES]
    was_stopped_running = bool(attempts) and attempts[-1].outcome == AttemptOutcome.CANCELLED
    if job.status == Status.CANCELLED and not was_stopped_running:
        why = job.error_message or job.cancel_reason or "The job was cancelled."
        errors.append(TaskError(exception_class_path=_CANCELLED, traceback=why))
    return errors


def _error(attempt: Attempt) -> TaskError:
    path = _dotted(attempt.error_class) if attempt.error_class else _FAILURES[AttemptOutcome(attempt.outcome)]
    return TaskError(exception_class_path=path, traceback=attempt.traceback or attempt.error_message)


def _dotted(path: str) -> str:
    return path if "." in path else f"builtins.{path}"
