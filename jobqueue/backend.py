"""The backend for Django's tasks framework: `@task` functions become jobs of this queue.

    TASKS = {"default": {"BACKEND": "jobqueue.backend.JobQueueBackend"}}

Nothing here imports a model: an app may define tasks while Django is still loading apps.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.tasks import Task, TaskResult
from django.tasks.backends.base import BaseTaskBackend
from django.tasks.exceptions import InvalidTask, TaskResultDoesNotExist, TaskResultMismatch
from django.tasks.signals import task_enqueued

from jobqueue.django_tasks.call import arguments_of
from jobqueue.django_tasks.levels import level_of
from jobqueue.django_tasks.lookup import AnyTask, find_task
from jobqueue.django_tasks.task import JobTask, task_type_of
from jobqueue.exceptions import InvalidOptionError, InvalidPayloadError, UnknownTaskTypeError
from jobqueue.registry import TaskType

__all__ = ["JobQueueBackend", "JobTask", "resolve"]

type AnyResult = TaskResult[..., Any]

log = logging.getLogger("jobqueue.backend")

_LONGEST_QUEUE = 64


class JobQueueBackend(BaseTaskBackend):
    """Tasks are jobs: their task type is the dotted path of the function, their payload its arguments."""

    task_class = JobTask
    supports_defer = True
    supports_async_task = True
    supports_get_result = True
    supports_priority = True

    def enqueue[**P, R](self, task: "Task[P, R]", args: Sequence[Any], kwargs: Mapping[str, Any]) -> "TaskResult[P, R]":
        """Enqueue a call of the task, as part of the caller's transaction.

        Returns:
            The result of the new job, or of the one that holds its unique key.

        Raises:
            InvalidTask: the worker could not run it, or an option is impossible.
            TypeError, ValueError: the arguments cannot be stored as JSON. In all cases nothing is stored.
        """
        from jobqueue.django_tasks import results
        from jobqueue.enqueuing import NewJob, insert

        self.validate_task(task)
        own = _own_task(task)
        positional, named = arguments_of(args, kwargs)
        job = NewJob(
            task_type=task.module_path,
            payload={"args": positional, "kwargs": named},
            run_at=task.run_after,
            # What equals the task's own is left to the task type, which settings may override.
            queue=None if task.queue_name == own.queue_name else task.queue_name,
            priority=None if task.priority == own.priority else level_of(task.priority),
        )
        try:
            made = insert(job)
        except InvalidPayloadError as error:
            raise ValueError(str(error)) from error
        except (InvalidOptionError, UnknownTaskTypeError) as error:
            raise InvalidTask(str(error)) from error
        if not made.created:
            return cast("TaskResult[P, R]", self.get_result(str(made.id)))
        result = results.enqueued(made.id, task, positional, named)
        task_enqueued.send(type(self), task_result=result)
        return result

    def get_result(self, result_id: str) -> AnyResult:
        """The result of the job with that id.

        Raises:
            TaskResultDoesNotExist: there is no such job.
            TaskResultMismatch: it is none of a task, or the task is gone; the message says which.
        """
        from jobqueue.django_tasks import results

        try:
            job = results.find_job(UUID(result_id))
        except (ValueError, TypeError, AttributeError):
            job = None
        if job is None:
            raise TaskResultDoesNotExist(result_id)
        try:
            task = find_task(job.task_type)
        except LookupError as error:
            raise TaskResultMismatch(f"Job {job.pk} is no task's: {error}") from error
        return results.result_of(job, task)

    def check(self, **_: Any) -> list[CheckMessage]:
        """E010: `jobqueue` is installed. E011: no OPTIONS. E012: QUEUES are names. PostgreSQL is `jobqueue.E001`."""
        where = f"TASKS[{self.alias!r}]"
        problems: list[CheckMessage] = []
        if not apps.is_installed("jobqueue"):
            problems.append(Error(f"{where} needs 'jobqueue' in INSTALLED_APPS.", id="jobqueue.E010"))
        if self.options:
            names = ", ".join(map(str, self.options))
            problems.append(Error(f"{where}['OPTIONS'] has {names}: expected none.", id="jobqueue.E011"))
        bad = [name for name in self.queues if not isinstance(name, str) or not 1 <= len(name) <= _LONGEST_QUEUE]
        expected = f"expected names of 1 to {_LONGEST_QUEUE} characters."
        problems += [Error(f"{where}['QUEUES'] has {name!r}: {expected}", id="jobqueue.E012") for name in bad]
        return problems


def resolve(name: str) -> TaskType | None:
    """The task type of a task's dotted path, for `registry.add_resolver`; None if there is no task of this queue."""
    if "." not in name:
        return None
    try:
        task = find_task(name)
    except LookupError as error:
        log.warning("No task %s: %s", name, error)
        return None
    if not isinstance(task.get_backend(), JobQueueBackend):
        log.warning("No task %s: its backend %r is none of this queue.", name, task.backend)
        return None
    return task_type_of(task)


def _own_task(task: AnyTask) -> AnyTask:
    """The task as its module defines it, and so as a worker will find it."""
    try:
        own = find_task(task.module_path)
    except LookupError as error:
        raise InvalidTask(f"No worker could find task {task.module_path!r}: {error}") from error
    if own.func is not task.func:
        raise InvalidTask(f"No worker could find this task: {own.module_path!r} is another one.")
    return own
