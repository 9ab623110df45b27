"""Stopping an operation, and seeing that one whose job has ended is not thought to go on for ever."""

from django.db import transaction
from django.utils import timezone

from jobqueue import transitions
from jobqueue.audit import Actor, record
from jobqueue.bulk.background import OBJECT_TYPE, end_as_stopped
from jobqueue.bulk.selection import Selection
from jobqueue.models import Job
from jobqueue.models.audit_entry import Action
from jobqueue.models.bulk_operation import ACTIVE, BulkOperation


def stop(operation: BulkOperation, actor: Actor) -> BulkOperation:
    """End an operation after the batch that it is in; one whose job has not begun ends now.

    What is done stays done until it is undone. An operation that is over is left alone.

    Returns:
        The operation as it is now.
    """
    with transaction.atomic():
        current = BulkOperation.objects.select_for_update().get(pk=operation.pk)
        if current.state not in ACTIVE or current.stop_requested_at is not None:
            return current
        current.stop_requested_at = timezone.now()
        current.save(update_fields=["stop_requested_at"])
        if current.job_id is not None and Job.objects.waiting().filter(pk=current.job_id).exists():
            transitions.cancel([current.job_id], by=actor.user_id, reason="The bulk operation was stopped.")
        record(
            actor,
            Action.BULK_STOP,
            object_type=OBJECT_TYPE,
            object_id=str(current.pk),
            object_label=Selection.from_json(current.selection).describe(),
            after={"matched": current.matched, "done": current.done, "undone": current.undone},
        )
    return settle(current)


def settle(operation: BulkOperation) -> BulkOperation:
    """The operation as it is now; stopped, if it is to go on and its job has ended or is gone."""
    if operation.state in ACTIVE and not _has_job(operation):
        end_as_stopped(operation.pk)
    return BulkOperation.objects.get(pk=operation.pk)


def _has_job(operation: BulkOperation) -> bool:
    return operation.job_id is not None and Job.objects.unfinished().filter(pk=operation.job_id).exists()


def settle_all() -> None:
    """Settle every operation that is to go on."""
    for operation in BulkOperation.objects.filter(state__in=ACTIVE):
        settle(operation)
