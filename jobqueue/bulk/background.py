"""The background job of an operation: batch after batch, until it is done, stopped or cancelled."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection, connections
from django.utils import timezone

from jobqueue.bulk.numbers import progress, summary
from jobqueue.bulk.selection import TASK_TYPE
from jobqueue.contexts import JobContext
from jobqueue.enqueuing import insert
from jobqueue.exceptions import JobCancelled, PermanentError
from jobqueue.models.bulk_operation import ACTIVE, BulkOperation, BulkState
from jobqueue.new_job import NewJob

OBJECT_TYPE = "bulk operation"
"""In the audit log."""

type Step = Callable[[UUID, int], BulkOperation]
"""Does one batch of that size; the operation is over when its state is no longer the one that it works in."""


def enqueue(operation: BulkOperation, batch: int, *, undo: bool = False) -> UUID:
    """Enqueue the job that works on this operation; returns its id."""
    payload = {"operationId": str(operation.pk), "undo": undo, "batch": batch}
    return insert(NewJob(task_type=TASK_TYPE, payload=payload, created_by=operation.created_by_id)).id


def work(job: JobContext, operation_id: UUID, step: Step, state: BulkState, batch: int) -> dict[str, Any]:
    """Take an operation to its end from wherever it is.

    Args:
        state: in which the operation is while this goes on.

    Returns:
        The operation's numbers.

    Raises:
        PermanentError: there is no such operation.
    """
    if not BulkOperation.objects.filter(pk=operation_id).exists():
        raise PermanentError("NOT_FOUND", f"There is no bulk operation {operation_id}.")
    _go_on(job, operation_id, state)
    is_alone = not connection.in_atomic_block
    try:
        while True:
            operation = step(operation_id, batch)
            job.progress(*progress(operation), summary(operation))
            if operation.state != state:
                return _numbers(operation)
            job.check_cancelled()
    except BaseException as error:
        if _is_cancellation(error):
            if is_alone:
                _begin_connection_anew()
            end_as_stopped(operation_id)
        raise


def end_as_stopped(operation_id: UUID) -> None:
    """Nobody works on it any more."""
    mine = BulkOperation.objects.filter(pk=operation_id, state__in=ACTIVE)
    mine.update(state=BulkState.STOPPED, finished_at=timezone.now())


def _is_cancellation(error: BaseException | None) -> bool:
    # It comes in the middle of anything; the rollback that it causes may fail in its turn and hide it.
    while error is not None and not isinstance(error, JobCancelled):
        error = error.__cause__ or error.__context__
    return error is not None


def _begin_connection_anew() -> None:
    # The old one may still wait for the answer to the statement in which the cancellation came.
    connection.close()
    del connections[connection.alias]


def _go_on(job: JobContext, operation_id: UUID, state: BulkState) -> None:
    # Its job was cancelled or died, and somebody retried that. What a person stopped stays stopped.
    stopped = BulkOperation.objects.filter(pk=operation_id, state=BulkState.STOPPED, stop_requested_at=None)
    stopped.filter(job_id=job.id).update(state=state, finished_at=None)


def _numbers(operation: BulkOperation) -> dict[str, Any]:
    return {
        "state": operation.state,
        "done": operation.done,
        "requested": operation.requested,
        "skipped": operation.skipped,
        "undone": operation.undone,
        "notUndone": operation.not_undone,
    }
