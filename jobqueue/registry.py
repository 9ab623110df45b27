"""The registry: `@job_handler` fills it with task types, everything else asks it."""

import inspect
import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any, get_type_hints

from jobqueue.conf import conf
from jobqueue.contexts import JobContext
from jobqueue.exceptions import ConfigurationError, UnknownTaskTypeError
from jobqueue.overrides import Overrides
from jobqueue.payloads import NoPayload, Payload
from jobqueue.retry import NEVER_RETRIED, Backoff, ErrorKind, RetryPolicy, exponential, fixed, linear
from jobqueue.rules import Concurrency, KeyOf, Unique
from jobqueue.states import Priority, Status
from jobqueue.summaries import Summarise, Summary, Table
from jobqueue.task_type import Handler, Place, TaskType, UniqueKey, first_line, retention_of

__all__ = [
    "NEVER_RETRIED",
    "Concurrency",
    "JobContext",
    "Payload",
    "Place",
    "Priority",
    "RetryPolicy",
    "Summary",
    "Table",
    "TaskType",
    "Unique",
    "UniqueKey",
    "exponential",
    "fixed",
    "job_handler",
    "linear",
    "registry",
]

log = logging.getLogger("jobqueue.registry")

type Resolver = Callable[[str], TaskType | None]

_MOST_UNRESOLVED = 1_000


class Registry:
    """All task types by name."""

    def __init__(self) -> None:
        self._types: dict[str, TaskType] = {}
        self._resolvers: list[Resolver] = []
        self._unresolved: set[str] = set()
        self._overrides = Overrides()

    def add(self, task_type: TaskType) -> None:
        """Register a task type.

        Raises:
            ConfigurationError: the name is taken by another handler.
        """
        taken = self._types.get(task_type.name)
        if taken is not None and taken.handler is not task_type.handler:
            raise ConfigurationError(
                f"Two handlers are registered for task type {task_type.name!r}: "
                f"{_where(taken.handler)} and {_where(task_type.handler)}."
            )
        self._types[task_type.name] = task_type
        self._unresolved.discard(task_type.name)

    def add_resolver(self, resolver: Resolver) -> None:
        """Ask this function about names that nobody registered.

        Args:
            resolver: gives the task type or None. It is asked once per name and its answer is kept, for a name may
                come with every job; a resolver that raises is logged and knows nothing of that name.
        """
        if resolver not in self._resolvers:
            self._resolvers.append(resolver)
            self._unresolved.clear()

    def remove_resolver(self, resolver: Resolver) -> None:
        """Ask it no more, so that tests can add their own for a while; what it gave stays."""
        self._resolvers.remove(resolver)

    def remove(self, name: str) -> None:
        """Forget a task type, so that tests can register their own for a while."""
        self._types.pop(name, None)

    def get(self, name: str) -> TaskType:
        """The task type of that name, with the overrides of `JOB_QUEUE["TASK_TYPES"]` applied.

        Raises:
            UnknownTaskTypeError: nobody registered it; the message names the known ones.
            ConfigurationError: an override of something that cannot be overridden, or by an impossible value.
        """
        task_type = self._types.get(name) or self._resolved(name)
        if task_type is None:
            raise UnknownTaskTypeError(name, self.names())
        changes = (conf().TASK_TYPES or {}).get(name)
        return task_type if changes is None else self._overrides.apply(task_type, changes)

    def label_of(self, name: str) -> str:
        """What people call the task type of that name; the name itself if no handler knows it any more."""
        return self.get(name).label if name in self else name

    def _resolved(self, name: str) -> TaskType | None:
        if not self._resolvers or name in self._unresolved:
            return None
        for resolver in self._resolvers:
            try:
                task_type = resolver(name)
            except Exception:
                # Whoever enqueues or runs a job must get an error of the queue, whatever an import does.
                log.exception("The resolver %s failed on %r.", _where(resolver), name)
                continue
            if task_type is not None:
                self._types[name] = task_type
                return task_type
        if len(self._unresolved) >= _MOST_UNRESOLVED:
            self._unresolved.clear()
        self._unresolved.add(name)
        return None

    def names(self) -> list[str]:
        """The known names, sorted."""
        return sorted(self._types)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name in self._types or self._resolved(name) is not None)

    def __iter__(self) -> Iterator[TaskType]:
        return iter([self._types[name] for name in self.names()])


registry = Registry()


def job_handler(
    name: str,
    *,
    label: str = "",
    help: str = "",  # noqa: A002  as Django's fields have it
    max_attempts: int = 5,
    backoff: Backoff | None = None,
    timeout: timedelta | None = None,
    unique: Unique | KeyOf | None = None,
    concurrency: Concurrency | None = None,
    queue: str = "default",
    priority: Priority = Priority.NORMAL,
    never_retry: Collection[ErrorKind] | None = None,
    only_retry: Collection[ErrorKind] | None = None,
    backoff_for: Mapping[ErrorKind, Backoff] | None = None,
    max_postponements: int | None = None,
    retention: Mapping[Status | str, timedelta] | timedelta | None = None,
    summary: Summarise | None = None,
) -> Callable[[Handler], Handler]:
    """Register the decorated function as the handler of a task type.

    It is called as `handler(job)` or, if it has a second parameter, `handler(job, payload)`; that parameter's
    annotation is the payload type. What it returns is stored as the job's result (anything msgspec can encode). It
    may be an `async def` function; then it runs in an event loop of its own.

    Args:
        name: the task type, unique over all installed apps.
        label: what people read; made from the name if empty.
        help: what it does, in one line; the first line of the handler's docstring if empty.
        max_attempts: how often it is executed before it is dead.
        backoff: the wait before each retry; default 1 s, 2 s, 4 s ... An error with an attribute `retry_after`
            (a timedelta, or seconds) is waited for at least so long.
        timeout: how long one attempt may take; default `JOB_QUEUE["DEFAULT_TIMEOUT"]`.
        unique: which jobs are duplicates; a function of the payload gives the key under which only one unfinished
            job may exist, None for no limit.
        concurrency: how many jobs with the same key may run at once.
        queue, priority: where its jobs go unless `enqueue` says otherwise.
        never_retry: error codes, and classes of exceptions, that no retry can mend; default `NEVER_RETRIED`.
        only_retry: if given, only errors of these codes and classes are retried (and jobs whose process was lost).
        backoff_for: the wait before a retry after errors of these codes and classes.
        max_postponements: how often in a row it may raise `RetryLater`; default `JOB_QUEUE["MAX_POSTPONEMENTS"]`.
        retention: how long jobs are kept by their final status, a timedelta alone if they succeeded; `timedelta(0)`
            deletes a job as soon as it has ended. Default `JOB_QUEUE["RETENTION_SUCCEEDED"]` and its like.
        summary: how people read a result: takes the stored JSON, returns a `Summary`.

    Raises:
        ConfigurationError: the name is taken, the function's parameters do not fit, or an option is impossible.
    """

    def register(handler: Handler) -> Handler:
        payload_type = _payload_type(name, handler)
        try:
            task_type = TaskType(
                name=name,
                label=label or name.replace("_", " ").capitalize(),
                handler=handler,
                payload_type=payload_type or NoPayload,
                takes_payload=payload_type is not None,
                retry=RetryPolicy(
                    max_attempts=max_attempts,
                    backoff=backoff or exponential(),
                    never_retry=never_retry,
                    only_retry=only_retry,
                    backoff_for=backoff_for or {},
                ),
                timeout=timeout,
                unique=Unique(by=unique) if callable(unique) else unique,
                concurrency=concurrency,
                queue=queue,
                priority=priority,
                max_postponements=max_postponements,
                retention=retention_of(retention),
                help=help or first_line(handler),
                summary=summary,
            )
        except ConfigurationError as error:
            raise ConfigurationError(f"Task type {name!r} ({_where(handler)}): {error}") from error
        registry.add(task_type)
        return handler

    return register


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _payload_type(name: str, handler: Handler) -> type[Payload] | None:
    if inspect.isgeneratorfunction(handler) or inspect.isasyncgenfunction(handler):
        raise ConfigurationError(f"The handler {_where(handler)} of {name!r} yields, so calling it would run nothing.")
    parameters = list(inspect.signature(handler).parameters.values())
    are_positional = all(parameter.kind in _POSITIONAL for parameter in parameters)
    if are_positional and len(parameters) == 1:
        return None
    if are_positional and len(parameters) == 2:
        annotation = get_type_hints(handler).get(parameters[1].name)
        if isinstance(annotation, type) and issubclass(annotation, Payload):
            return annotation
    raise ConfigurationError(
        f"The handler {_where(handler)} of {name!r} must take (job) or (job, payload: T) with T a subclass of "
        "jobqueue.registry.Payload."
    )


def _where(function: Callable[..., Any]) -> str:
    try:
        return f"{function.__module__}.{function.__qualname__}"
    except AttributeError:
        return repr(function)  # a partial, or an instance that can be called
