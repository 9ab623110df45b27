"""Runs a task in a worker's child: calls its function, and sends Django's signals around the call."""

import asyncio
from collections.abc import Mapping
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import sync_to_async
from django.tasks import TaskContext, TaskResultStatus
from django.tasks.signals import task_finished, task_started
from django.utils import timezone
from django.utils.json import normalize_json

from jobqueue.contexts import JobContext
from jobqueue.django_tasks.call import TaskCall
from jobqueue.django_tasks.lookup import AnyTask
from jobqueue.exceptions import CancelJob, JobInterrupted, PermanentError, RetryLater
from jobqueue.executor.errors import code_of
from jobqueue.reports import after_error
from jobqueue.states import Status
from jobqueue.task_type import Handler

# Where the process is about to be replaced, nobody waits for receivers; what becomes of the job is not known here.
_STOPPED = (JobInterrupted, asyncio.CancelledError)


def handler_of(task: AnyTask) -> Handler:
    """The handler of the task's jobs; a coroutine function if the task's function is one."""

    def run(job: JobContext, call: TaskCall) -> Any:
        run = _Run(task, job, call)
        task_started.send_robust(**run.news())
        try:
            run.end(task.func(*run.args, **call.kwargs))
        except _STOPPED:
            raise
        except BaseException as error:
            run.fail(error)
            task_finished.send_robust(**run.news())
            raise
        task_finished.send_robust(**run.news())
        return run.value

    async def run_async(job: JobContext, call: TaskCall) -> Any:
        run = await sync_to_async(_Run)(task, job, call)
        await task_started.asend_robust(**run.news())
        try:
            run.end(await task.func(*run.args, **call.kwargs))
        except _STOPPED:
            raise
        except BaseException as error:
            run.fail(error)
            await task_finished.asend_robust(**run.news())
            raise
        await task_finished.asend_robust(**run.news())
        return run.value

    return run_async if iscoroutinefunction(task.func) else run


class _Run:
    """One execution, and its result as the task's context and the receivers of signals see it."""

    def __init__(self, task: AnyTask, job: JobContext, call: TaskCall) -> None:
        from jobqueue.django_tasks import results  # tasks are defined before models can be

        self._job = job
        self._sender = type(task.get_backend())
        # Its history costs two queries, so only who asks for a context gets it.
        known = results.load(job.id, task) if task.takes_context else None
        self._result = known or results.begun(job, task, call)
        self.args = [TaskContext(task_result=self._result), *call.args] if task.takes_context else call.args
        self.value: Any = None

    def news(self) -> Mapping[str, Any]:
        """The arguments of its signals."""
        return {"sender": self._sender, "task_result": self._result}

    def end(self, value: Any) -> None:
        """Its function returned the value.

        Raises:
            PermanentError: JSON cannot hold it, and no retry would mend that.
        """
        try:
            self.value = normalize_json(value)
        except (TypeError, ValueError, RecursionError) as error:
            raise PermanentError("RESULT_INVALID", f"The return value cannot be stored as JSON: {error}") from error
        self._change(status=TaskResultStatus.SUCCESSFUL, finished_at=timezone.now(), _return_value=self.value)

    def fail(self, error: BaseException) -> None:
        """Its function raised the error."""
        from jobqueue.django_tasks import results

        if self._is_final(error):
            self._change(status=TaskResultStatus.FAILED, finished_at=timezone.now())
        else:
            self._change(status=TaskResultStatus.READY)
        if not isinstance(error, RetryLater):
            self._result.errors.append(results.error_of(error))

    def _is_final(self, error: BaseException) -> bool:
        if isinstance(error, RetryLater):
            return False
        if isinstance(error, CancelJob | PermanentError):
            return True
        job = self._job
        status, _ = after_error(job.task_type, job.attempt, job.max_attempts, code_of(error), error)
        return status != Status.RETRYING

    def _change(self, **attributes: Any) -> None:
        for name, value in attributes.items():
            object.__setattr__(self._result, name, value)  # frozen for everyone but the backend
