"""What a handler sees of its job: the protocol that the executor fulfils and tests may imitate."""

import logging
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol, TypedDict, Unpack
from uuid import UUID

from jobqueue.states import OnFailure


class ChildOptions(TypedDict, total=False):
    """The options of `enqueue` that a handler may give its child jobs."""

    run_at: datetime | None
    delay: timedelta | None
    priority: int | None
    queue: str | None
    depends_on: Collection[UUID]
    on_failure: OnFailure
    unique_key: str | None
    concurrency_key: str | None
    concurrency_limit: int
    max_attempts: int | None
    timeout: timedelta | None
    deadline: datetime | None
    tags: Sequence[str]


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

    def effect(self, key: str) -> AbstractContextManager[bool]:
        """A transaction for something that must not be done twice, over all attempts and jobs of this task type.

        A job may be run again after its worker died between the work and the report of it. What it writes to the
        database in here is applied once all the same:

            with job.effect(f"invoice:{invoice.id}") as is_first:
                if is_first:
                    Payment.objects.create(invoice=invoice, amount=amount)

        `is_first` is False if a transaction that committed has applied this effect before; the queue counts that. An
        error inside rolls everything back, so that the next attempt is the first one again. A second job with the
        same key waits until the first one's transaction has ended. What goes elsewhere, such as a mail, is not part
        of the transaction: enqueue a job for it in here. Async handlers use it in a function for `sync_to_async`.

        Args:
            key: names the effect, 1 to 255 characters. It is remembered for `JOB_QUEUE["KEEP_EFFECTS"]`.

        Raises:
            ValueError: an impossible key.
        """

    def enqueue(self, task_type: str, payload: Any = None, **options: Unpack[ChildOptions]) -> UUID:
        """Enqueue a child job in the handler's own transaction; returns its id (or its duplicate's)."""
