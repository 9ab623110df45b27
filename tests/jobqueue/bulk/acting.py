"""Operations on many jobs as tests begin them, and their background jobs run in this process."""

from typing import Any, cast
from uuid import UUID

from jobqueue.audit import Actor
from jobqueue.bulk import BulkOperation, BulkVerb, Selection, begin
from jobqueue.exceptions import JobCancelled
from jobqueue.jobs import BulkPayload, job_queue_bulk
from jobqueue.models import Job
from jobqueue.models.audit_entry import Channel
from jobqueue.registry import JobContext
from jobqueue.states import Status

ALICE = Actor(name="alice", channel=Channel.ADMIN)
FAILED = Selection(statuses=(Status.FAILED,))
PENDING = Selection(statuses=(Status.PENDING,))


class Context:
    """What the handler sees of its job; cancels it after some batches if that is wanted."""

    def __init__(self, id_: UUID | None, *, cancelled_after: int = 1_000) -> None:
        self.id = id_
        self.said: list[tuple[int, int, str]] = []
        self._left = cancelled_after

    def progress(self, done: int, total: int, message: str = "") -> None:
        self.said.append((done, total, message))

    def check_cancelled(self) -> None:
        self._left -= 1
        if self._left <= 0:
            raise JobCancelled


def retry(selection: Selection = FAILED, **options: Any) -> BulkOperation:
    """Alice retries."""
    return begin(BulkVerb.RETRY, selection, ALICE, **options)


def cancel(selection: Selection = PENDING, **options: Any) -> BulkOperation:
    """Alice cancels."""
    return begin(BulkVerb.CANCEL, selection, ALICE, **options)


def job_of(operation: BulkOperation) -> Job:
    """Its background job."""
    assert operation.job_id is not None
    return Job.objects.get(pk=operation.job_id)


def work(operation: BulkOperation, **how: Any) -> Context:
    """Run the background job of an operation as its worker would, to its end; returns what it saw."""
    operation.refresh_from_db()
    job = job_of(operation)
    context = Context(job.pk, **how)
    payload = BulkPayload(
        operation_id=UUID(job.payload["operationId"]), undo=job.payload["undo"], batch=job.payload["batch"]
    )
    job_queue_bulk(cast(JobContext, context), payload)
    operation.refresh_from_db()
    return context
