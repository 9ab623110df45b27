"""The job context that handlers receive in a child."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import msgspec

from jobqueue.claim import ClaimedJob
from jobqueue.enqueuing import NewJob, insert
from jobqueue.executor.channel import FromChild
from jobqueue.executor.errors import storable
from jobqueue.payloads import holds_nul

_BETWEEN_PROGRESS = 0.1  # seconds; what comes sooner replaces what waits

type Say = Callable[[list[Any]], None]


class RunningJob:
    """Fulfils `jobqueue.contexts.JobContext`; everything it says goes to the supervisor."""

    def __init__(self, job: ClaimedJob, started: float, say: Say) -> None:
        self._job = job
        self._started = started
        self._say = say
        self._said_progress_at = 0.0
        self._unsaid_progress: list[Any] | None = None
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
        news = [
            FromChild.PROGRESS,
            self._job.id,
            self._job.claim,
            int(done),
            int(total),
            storable(message)[:255],
        ]
        now = time.monotonic()
        if now - self._said_progress_at >= _BETWEEN_PROGRESS or done >= total:
            self._said_progress_at, self._unsaid_progress = now, None
            self._say(news)
        else:
            self._unsaid_progress = news

    def check_cancelled(self) -> None:
        """Raise if the job was cancelled or timed out.

        An interruption arrives by itself at the next step of Python code; this is such a step, for loops in
        extension modules that call back.
        """
        self._say([])

    def enqueue(self, task_type: str, payload: Any = None, *, delay: timedelta | None = None) -> UUID:
        """Enqueue a child job in the handler's transaction."""
        return insert(NewJob(task_type=task_type, payload=payload, delay=delay, parent=self.id)).id

    def say_rest(self) -> None:
        """Say the progress that was held back."""
        if self._unsaid_progress is not None:
            self._say(self._unsaid_progress)
            self._unsaid_progress = None


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
