"""The job context that handlers receive in a child."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Unpack
from uuid import UUID

import msgspec

from jobqueue.claim import ClaimedJob
from jobqueue.contexts import ChildOptions
from jobqueue.effects import applied_once
from jobqueue.enqueuing import insert
from jobqueue.executor import masking
from jobqueue.executor.channel import FromChild
from jobqueue.executor.errors import storable
from jobqueue.new_job import NewJob
from jobqueue.payloads import holds_nul

_BETWEEN_PROGRESS = 0.1  # seconds; what comes sooner replaces what waits
_LONGEST_MESSAGE = 255
_LONGEST_READ = 4_000

type Say = Callable[[list[Any]], None]


class RunningJob:
    """Fulfils `jobqueue.contexts.JobContext`; everything it says goes to the supervisor."""

    def __init__(self, job: ClaimedJob, started: float, say: Say) -> None:
        masking.begin(job.payload)
        self._job = job
        self._started = started
        self._say = say
        self._said_progress_at = 0.0
        self._unsaid_progress: tuple[int, int, str] | None = None
        self.task_type = job.task_type
        self.attempt = job.number
        self.max_attempts = job.max_attempts

    @cached_property
    def id(self) -> UUID:
        """The job's id."""
        return UUID(self._job.id)

    @cached_property
    def occurrence(self) -> datetime | None:
        """When its schedule meant it to run."""
        return _moment(self._job.occurrence)

    @cached_property
    def deadline(self) -> datetime | None:
        """When this attempt times out."""
        return _moment(self._started + self._job.timeout) if self._job.timeout else None

    @cached_property
    def checkpointed(self) -> Any:
        """What an earlier attempt kept."""
        return None if self._job.checkpoint is None else msgspec.json.decode(self._job.checkpoint)

    @cached_property
    def log(self) -> logging.Logger:
        """The logger of this task type."""
        return logging.getLogger(f"jobqueue.job.{self.task_type}")

    def checkpoint(self, data: Any) -> None:
        """Keep data for the next attempt."""
        encoded = msgspec.json.encode(data)
        if holds_nul(encoded):
            raise ValueError("A checkpoint cannot hold the character U+0000: PostgreSQL does not store it.")
        self._say([FromChild.CHECKPOINT, self._job.id, self._job.claim, encoded.decode()])

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Tell how far the job is; said at most ten times a second."""
        self._unsaid_progress = int(done), int(total), str(message)[:_LONGEST_READ]
        now = time.monotonic()
        if now - self._said_progress_at >= _BETWEEN_PROGRESS or done >= total:
            self._said_progress_at = now
            self.say_rest()

    def check_cancelled(self) -> None:
        """Raise if the job was cancelled or timed out.

        An interruption arrives by itself at the next step of Python code; this is such a step, for loops in
        extension modules that call back.
        """
        self._say([])

    def effect(self, key: str) -> AbstractContextManager[bool]:
        """A transaction for something that must not be done twice."""
        return applied_once(self.task_type, key, job=self.id, claim=self._job.claim)

    def enqueue(self, task_type: str, payload: Any = None, **options: Unpack[ChildOptions]) -> UUID:
        """Enqueue a child job in the handler's transaction."""
        return insert(NewJob(task_type=task_type, payload=payload, parent=self.id, **options)).id

    def say_rest(self) -> None:
        """Say the progress that was held back."""
        if self._unsaid_progress is None:
            return
        (done, total, message), self._unsaid_progress = self._unsaid_progress, None
        # Masked before it is cut, so that no half of a secret is left.
        text = storable(masking.masked(message))[:_LONGEST_MESSAGE]
        self._say([FromChild.PROGRESS, self._job.id, self._job.claim, done, total, text])


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
