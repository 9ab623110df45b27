"""The queue's own task types."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec

from jobqueue import bulk, cleanup, effects
from jobqueue.bulk.background import work
from jobqueue.bulk.run import run_batch
from jobqueue.bulk.undo import undo_batch
from jobqueue.conf import conf
from jobqueue.models.bulk_operation import BulkState
from jobqueue.registry import JobContext, Payload, Priority, job_handler
from jobqueue.states import MAINTENANCE

_BATCH = 1_000


class BulkPayload(Payload, frozen=True):
    """Which operation, whether to undo it, and how many jobs one transaction may change."""

    operation_id: UUID
    undo: bool = False
    batch: Annotated[int, msgspec.Meta(ge=1, le=bulk.BATCH)] = bulk.BATCH


@job_handler(
    "job_queue_cleanup",
    label="Clean up finished jobs",
    help="Deletes finished jobs past their retention, and what else need not be remembered.",
    max_attempts=3,
)
def job_queue_cleanup(job: JobContext) -> dict[str, int]:
    """Delete finished jobs past their retention, and whatever else the queue need not remember any longer."""
    deleted = cleanup.delete_finished(between_batches=job.check_cancelled)
    cleanup.forget_ended()
    while effects.clean_up(conf().KEEP_EFFECTS, _BATCH) == _BATCH:
        job.check_cancelled()
    bulk.clean_up()
    return deleted


# A person waits for it, and what it is to cancel may be a backlog of any priority.
@job_handler(
    "job_queue_bulk",
    label="Bulk operation",
    help="Retries, cancels or deletes many jobs, or undoes that. Started from the job list, not by hand.",
    max_attempts=10,
    timeout=timedelta(hours=6),
    queue=MAINTENANCE,
    priority=Priority.CRITICAL,
)
def job_queue_bulk(job: JobContext, payload: BulkPayload) -> dict[str, Any]:
    """Retry, cancel or delete many jobs, or undo that; goes on where an earlier attempt ended."""
    step, state = (undo_batch, BulkState.UNDOING) if payload.undo else (run_batch, BulkState.RUNNING)
    return work(job, payload.operation_id, step, state, payload.batch)
