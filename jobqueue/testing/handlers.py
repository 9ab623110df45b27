"""Calling a handler alone, without a job."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Unpack
from uuid import UUID

import msgspec
from asgiref.sync import async_to_sync

from jobqueue.contexts import ChildOptions
from jobqueue.effects import applied_once
from jobqueue.enqueuing import insert
from jobqueue.exceptions import JobCancelled
from jobqueue.ids import uuid7
from jobqueue.new_job import NewJob
from jobqueue.payloads import holds_nul
from jobqueue.registry import TaskType, registry


@dataclass(kw_only=True)
class StandaloneJob:
    """A `JobContext` without a job: give it what the handler should see, and read from it what the handler said.

    `effect` and `enqueue` use the database as they always do; everything else works without one.
    """

    task_type: str = "standalone"
    id: UUID = field(default_factory=uuid7)
    attempt: int = 1
    max_attempts: int = 5
    occurrence: datetime | None = None
    deadline: datetime | None = None
    checkpointed: Any = None
    is_cancelled: bool = False
    """Whether `check_cancelled` raises."""
    progress_said: list[tuple[int, int, str]] = field(default_factory=list)
    """What the handler passed to `progress`."""
    checkpoints: list[Any] = field(default_factory=list)
    """What the handler passed to `checkpoint`, as the next attempt would see it."""

    @property
    def log(self) -> logging.Logger:
        """The logger that the handler has in a worker, too; see it by `assertLogs` or `caplog`."""
        return logging.getLogger(f"jobqueue.job.{self.task_type}")

    def checkpoint(self, data: Any) -> None:
        """Keep the data in `checkpoints`."""
        encoded = msgspec.json.encode(data)
        if holds_nul(encoded):
            raise ValueError("A checkpoint cannot hold the character U+0000: PostgreSQL does not store it.")
        self.checkpoints.append(msgspec.json.decode(encoded))

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Keep the progress in `progress_said`."""
        self.progress_said.append((int(done), int(total), str(message)))

    def check_cancelled(self) -> None:
        """Raise `JobCancelled` if `is_cancelled`."""
        if self.is_cancelled:
            raise JobCancelled("The test cancelled it.")

    def effect(self, key: str) -> AbstractContextManager[bool]:
        """The ledger itself; see `JobContext.effect`."""
        return applied_once(self.task_type, key, job=self.id, claim=self.attempt)

    def enqueue(self, task_type: str, payload: Any = None, **options: Unpack[ChildOptions]) -> UUID:
        """Enqueue the job in earnest; see it by `assert_enqueued`."""
        return insert(NewJob(task_type=task_type, payload=payload, parent=self.id, **options)).id


def run_handler(handler: str | Callable[..., Any], payload: Any = None, *, job: StandaloneJob | None = None) -> Any:
    """Call a handler as a worker would, and give back what it returns; what it raises is not caught.

    Nothing is stored of it. The payload is checked and goes through JSON, as if it had been enqueued.

    Args:
        handler: the decorated function, or the name of its task type.
        payload: an instance of the payload type, or a mapping with its JSON (camelCase) names.
        job: what the handler gets as its job.

    Raises:
        UnknownTaskTypeError: no handler is registered under that name, or the function is none.
        InvalidPayloadError: the payload does not fit.
        TypeError: the result could not be stored as JSON.
    """
    task_type = _task_type(handler)
    encoded = task_type.encode(payload)
    context = job or StandaloneJob(task_type=task_type.name, max_attempts=task_type.retry.max_attempts)
    arguments: list[Any] = [context]
    if task_type.takes_payload:
        arguments.append(msgspec.json.decode(encoded, type=task_type.payload_type))
    call = async_to_sync(task_type.handler) if task_type.is_async else task_type.handler
    result = call(*arguments)
    msgspec.json.encode(result)
    return result


def _task_type(handler: str | Callable[..., Any]) -> TaskType:
    return registry.get(name_of(handler))


def name_of(task: Any) -> str:
    """The name of a task type that is given by its name, its handler, or its `@task` function."""
    if isinstance(task, str):
        return task
    if hasattr(task, "module_path"):
        return str(task.module_path)
    for known in registry:
        if known.handler is task:
            return known.name
    return getattr(task, "__qualname__", repr(task))
