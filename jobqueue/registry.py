"""Task types and their handlers: `@job_handler` fills the registry, everything else asks it."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, get_type_hints

import msgspec

from jobqueue.conf import conf
from jobqueue.contexts import JobContext
from jobqueue.exceptions import ConfigurationError, InvalidPayloadError, UnknownTaskTypeError
from jobqueue.payloads import NoPayload, Payload, to_json
from jobqueue.retry import NEVER_RETRIED, Backoff, RetryPolicy, exponential, fixed, linear

__all__ = [
    "NEVER_RETRIED",
    "JobContext",
    "Payload",
    "TaskType",
    "exponential",
    "fixed",
    "job_handler",
    "linear",
    "registry",
]

type Handler = Callable[..., Any]

_POLICY = frozenset({"max_attempts", "backoff", "never_retry"})
_OVERRIDABLE = _POLICY | {"label", "timeout", "unique"}


@dataclass(frozen=True, kw_only=True)
class TaskType:
    """One kind of job: its handler, the type of its payload, and its policies."""

    name: str
    label: str
    handler: Handler
    payload_type: type[Payload]
    takes_payload: bool
    retry: RetryPolicy
    timeout: timedelta | None
    unique: Callable[[Any], str | None] | None

    def encode(self, payload: Any) -> str:
        """The checked payload as JSON text.

        Raises:
            InvalidPayloadError: it does not fit the payload type.
        """
        try:
            return to_json({} if payload is None else payload, self.payload_type)
        except (msgspec.ValidationError, TypeError, ValueError, RecursionError) as error:
            raise InvalidPayloadError(self.name, str(error)) from error

    def unique_key(self, payload_json: str) -> str | None:
        """The key under which only one unfinished job may exist, by this type's rule.

        Raises:
            InvalidPayloadError: the rule fails on this payload.
        """
        if self.unique is None:
            return None
        try:
            return self.unique(msgspec.json.decode(payload_json, type=self.payload_type))
        except Exception as error:
            # The rule is the app's code: whoever enqueues, the scheduler too, must get an error of the queue.
            raise InvalidPayloadError(self.name, f"the rule for its unique key raised {error!r}") from error


class Registry:
    """All task types by name."""

    def __init__(self) -> None:
        self._types: dict[str, TaskType] = {}

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

    def remove(self, name: str) -> None:
        """Forget a task type, so that tests can register their own for a while."""
        self._types.pop(name, None)

    def get(self, name: str) -> TaskType:
        """The task type of that name, with the overrides of `JOB_QUEUE["TASK_TYPES"]` applied.

        Raises:
            UnknownTaskTypeError: nobody registered it; the message names the known ones.
            ConfigurationError: an override of something that cannot be overridden.
        """
        try:
            task_type = self._types[name]
        except KeyError:
            raise UnknownTaskTypeError(name, self.names()) from None
        overrides = conf().TASK_TYPES
        return _overridden(task_type, overrides[name]) if overrides and name in overrides else task_type

    def names(self) -> list[str]:
        """The known names, sorted."""
        return sorted(self._types)

    def __contains__(self, name: object) -> bool:
        return name in self._types

    def __iter__(self) -> Iterator[TaskType]:
        return iter([self._types[name] for name in self.names()])


registry = Registry()


def job_handler(
    name: str,
    *,
    label: str = "",
    max_attempts: int = 5,
    backoff: Backoff | None = None,
    timeout: timedelta | None = None,
    unique: Callable[[Any], str | None] | None = None,
    never_retry: frozenset[str] = NEVER_RETRIED,
) -> Callable[[Handler], Handler]:
    """Register the decorated function as the handler of a task type.

    It is called as `handler(job)` or, if it has a second parameter, `handler(job, payload)`; that parameter's
    annotation is the payload type. What it returns is stored as the job's result (anything msgspec can encode).

    Args:
        name: the task type, unique over all installed apps.
        label: what people read; made from the name if empty.
        max_attempts: how often it is executed before it is dead.
        backoff: the wait before each retry; default 1 s, 2 s, 4 s ...
        timeout: how long one attempt may take; default `JOB_QUEUE["DEFAULT_TIMEOUT"]`.
        unique: gives the key under which only one unfinished job may exist; None for no limit.
        never_retry: error codes that no retry can mend.

    Raises:
        ConfigurationError: the name is taken, or the function's parameters do not fit.
    """

    def register(handler: Handler) -> Handler:
        payload_type = _payload_type(name, handler)
        registry.add(
            TaskType(
                name=name,
                label=label or name.replace("_", " ").capitalize(),
                handler=handler,
                payload_type=payload_type or NoPayload,
                takes_payload=payload_type is not None,
                retry=RetryPolicy(max_attempts=max_attempts, backoff=backoff or exponential(), never_retry=never_retry),
                timeout=timeout,
                unique=unique,
            )
        )
        return handler

    return register


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _payload_type(name: str, handler: Handler) -> type[Payload] | None:
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


def _overridden(task_type: TaskType, changes: dict[str, Any]) -> TaskType:
    unknown = sorted(changes.keys() - _OVERRIDABLE)
    if unknown:
        raise ConfigurationError(
            f"JOB_QUEUE['TASK_TYPES'][{task_type.name!r}] has unknown settings {', '.join(unknown)}: "
            f"expected some of {', '.join(sorted(_OVERRIDABLE))}."
        )
    policy = {key: value for key, value in changes.items() if key in _POLICY}
    others = {key: value for key, value in changes.items() if key not in _POLICY}
    return replace(task_type, retry=replace(task_type.retry, **policy), **others)


def _where(handler: Handler) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"
