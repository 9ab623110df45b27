"""What a handler sees of its job: the protocol that the executor fulfils and tests may imitate."""

import logging
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID


class JobContext(Protocol):
    """The running job, as its handler sees it."""

    @property
    def id(self) -> UUID:
        """The job's id."""

    @property
    def task_type(self) -> str:
        """The name under which the handler is registered."""

    @property
    def attempt(self) -> int:
        """1 for the first execution, 2 for the first retry ..."""

    @property
    def max_attempts(self) -> int:
        """How many attempts the job has in all."""

    @property
    def occurrence(self) -> datetime | None:
        """For a scheduled job, the time it was due by its schedule."""

    @property
    def deadline(self) -> datetime | None:
        """When this attempt times out."""

    @property
    def checkpointed(self) -> Any:
        """What an earlier attempt passed to `checkpoint`, else None."""

    @property
    def log(self) -> logging.Logger:
        """Lines logged here, and by any other logger meanwhile, are kept with the attempt."""

    def checkpoint(self, data: Any) -> None:
        """Keep JSON-able `data` for the next attempt, in case this one does not finish."""

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Tell how far the job is. Cheap: it may be called for every item."""

    def check_cancelled(self) -> None:
        """Raise if somebody cancelled the job or it timed out meanwhile."""

    def enqueue(self, task_type: str, payload: Any = None, *, delay: timedelta | None = None) -> UUID:
        """Enqueue a child job in the handler's own transaction; returns its id (or its duplicate's)."""
