"""What the work of this app needs of the job it runs in; the queue's JobContext fulfils it."""

import logging
from typing import Any, Protocol
from uuid import UUID


class Job(Protocol):
    """The running job."""

    @property
    def id(self) -> UUID:
        """The job's id."""

    @property
    def log(self) -> logging.Logger:
        """Lines logged here are kept with the attempt."""

    @property
    def checkpointed(self) -> Any:
        """What an earlier attempt kept, else None."""

    def checkpoint(self, data: Any) -> None:
        """Keep JSON-able data for the next attempt."""

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Tell how far the job is."""

    def check_cancelled(self) -> None:
        """Raise if the job is to stop."""

    def enqueue(self, task_type: str, payload: Any = None) -> UUID:
        """Enqueue a child job in the transaction under way."""
