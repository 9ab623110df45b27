"""What `@task` makes for this backend: Django's task with the options of a task type."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.tasks import Task
from django.tasks.exceptions import InvalidTask

from jobqueue.django_tasks.call import TaskCall
from jobqueue.django_tasks.levels import level_of
from jobqueue.django_tasks.lookup import AnyTask, find_task
from jobqueue.django_tasks.running import handler_of
from jobqueue.exceptions import ConfigurationError
from jobqueue.registry import Concurrency, RetryPolicy, TaskType, Unique, exponential
from jobqueue.retry import Backoff, ErrorKind
from jobqueue.rules import KeyOf
from jobqueue.states import Status
from jobqueue.task_type import first_line, retention_of

_DJANGOS_OWN = ("priority", "backend", "queue_name", "run_after", "takes_context")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTask(Task):  # type: ignore[type-arg]  # generic for type checkers only
    """A task of this queue; `@task(max_attempts=3, timeout=timedelta(minutes=1))` makes one.

    The options are those of `jobqueue.registry.job_handler`. The rules `unique` and `concurrency` are about the call:
    a function gets an object with `args` and `kwargs`, as in `unique=lambda call: str(call.kwargs["coach"])`.

    Raises:
        InvalidTask: Django or the queue refuses one of the options; the message names it.
    """

    label: str = ""
    help: str = ""
    max_attempts: int = 5
    backoff: Backoff | None = None
    timeout: timedelta | None = None
    unique: Unique | KeyOf | None = None
    concurrency: Concurrency | None = None
    never_retry: Collection[ErrorKind] | None = None
    only_retry: Collection[ErrorKind] | None = None
    backoff_for: Mapping[ErrorKind, Backoff] | None = None
    max_postponements: int | None = None
    retention: Mapping[Status | str, timedelta] | timedelta | None = None

    def __post_init__(self) -> None:
        Task.__post_init__(self)  # `super()` means another class where slots make a second one
        task_type_of(self)

    def __hash__(self) -> int:
        return hash(self.module_path)  # an option may be a mapping, which has no hash

    def __reduce__(self) -> Any:
        # Its functions need not be picklable: they are where its module is.
        return _rebuilt, (self.module_path, {name: getattr(self, name) for name in _DJANGOS_OWN})


def _rebuilt(path: str, changes: dict[str, Any]) -> AnyTask:
    return replace(find_task(path), **changes)


def task_type_of(task: AnyTask) -> TaskType:
    """The task type that a task stands for.

    Raises:
        InvalidTask: one of its options is impossible.
    """
    try:
        return _task_type(task) if isinstance(task, JobTask) else _task_type(_with_defaults(task))
    except ConfigurationError as error:
        raise InvalidTask(f"Task {task.module_path!r}: {error}") from error


def _with_defaults(task: AnyTask) -> JobTask:
    return JobTask(func=task.func, **{name: getattr(task, name) for name in _DJANGOS_OWN})


def _task_type(task: JobTask) -> TaskType:
    return TaskType(
        name=task.module_path,
        label=task.label or task.name.replace("_", " ").strip().capitalize(),
        handler=handler_of(task),
        payload_type=TaskCall,
        takes_payload=True,
        retry=RetryPolicy(
            max_attempts=task.max_attempts,
            backoff=task.backoff or exponential(),
            never_retry=task.never_retry,
            only_retry=task.only_retry,
            backoff_for=task.backoff_for or {},
        ),
        timeout=task.timeout,
        unique=Unique(by=task.unique) if callable(task.unique) else task.unique,
        concurrency=task.concurrency,
        queue=task.queue_name,
        priority=level_of(task.priority),
        max_postponements=task.max_postponements,
        retention=retention_of(task.retention),
        help=task.help or first_line(task.func),
    )
