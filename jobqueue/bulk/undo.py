"""Undoing a retry or a cancellation, as far as nothing has happened to the jobs since."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from jobqueue.audit import Actor, record
from jobqueue.bulk.background import OBJECT_TYPE, enqueue
from jobqueue.bulk.run import BATCH
from jobqueue.bulk.selection import Selection
from jobqueue.bulk.stop import settle
from jobqueue.bulk.verbs import VERBS
from jobqueue.exceptions import NotUndoableError
from jobqueue.models.audit_entry import Action
from jobqueue.models.bulk_operation import ACTIVE, BulkChange, BulkOperation, BulkState, BulkVerb
from jobqueue.restoring import restore

UNDOABLE_FOR = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Undone:
    """What undoing has done so far."""

    done: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    """How many were left as they are, by reason: their state, "changed since", "its unique key is taken" ..."""
    job: UUID | None = None
    """The background job that does it, if there are many."""


def undo(operation: BulkOperation, actor: Actor, *, batch: int = BATCH) -> Undone:
    """Give the jobs of a retry or a cancellation back exactly what they were, and record who did it.

    A job that ran or was acted upon since is left alone, and so is one whose unique key another job has taken. Not
    undone are requests to running jobs to stop, and what a cancellation did to jobs that depend on the cancelled ones.

    At most `batch` jobs are restored before this returns; more by a background job in batches of that size.

    Raises:
        NotUndoableError: jobs were deleted, the operation goes on, is undone, or ended more than a day ago.
    """
    with transaction.atomic():
        current = settle(BulkOperation.objects.select_for_update().get(pk=operation.pk))
        _check(current)
        number = BulkChange.objects.filter(operation=current).count()
        current.state, current.stop_requested_at, current.finished_at = BulkState.UNDOING, None, None
        current.job_id = enqueue(current, batch, undo=True) if number > batch else None
        current.save(update_fields=["state", "stop_requested_at", "finished_at", "job"])
        if current.job_id is None:
            _restore(current, batch)
        undone = Undone(done=current.undone, skipped=current.not_undone, job=current.job_id)
        _record(current, number, actor)
    return undone


def undo_batch(operation_id: UUID, batch: int) -> BulkOperation:
    """Restore the next batch in one transaction; ends the operation after the last."""
    with transaction.atomic():
        operation = BulkOperation.objects.select_for_update().get(pk=operation_id)
        if operation.state != BulkState.UNDOING:
            return operation
        if operation.stop_requested_at is None:
            _restore(operation, batch)
        else:
            operation.state, operation.finished_at = BulkState.STOPPED, timezone.now()
            operation.save(update_fields=["state", "finished_at"])
    return operation


def _check(operation: BulkOperation) -> None:
    if VERBS[BulkVerb(operation.verb)].leaves is None:
        raise NotUndoableError("Deleted jobs are gone: this cannot be undone.")
    if operation.state in ACTIVE:
        raise NotUndoableError("The operation goes on still: stop it or wait for its end before you undo it.")
    if operation.state == BulkState.UNDONE:
        raise NotUndoableError("The operation is undone already.")
    if operation.finished_at is not None and operation.finished_at < timezone.now() - UNDOABLE_FOR:
        raise NotUndoableError("The operation ended more than a day ago: what its jobs were is not known any more.")


def _restore(operation: BulkOperation, batch: int) -> None:
    left = VERBS[BulkVerb(operation.verb)].leaves
    changes = BulkChange.objects.filter(operation=operation).order_by("job_id")
    ids = list(changes.values_list("job_id", flat=True)[:batch])
    if left is not None and ids:
        moved = restore(operation.pk, ids, left)
        operation.undone += len(moved.done)
        operation.not_undone = dict(Counter(operation.not_undone) + Counter(moved.skipped.values()))
        changes.filter(job_id__gte=ids[0], job_id__lte=ids[-1]).delete()
    if len(ids) < batch or not changes.exists():
        operation.state, operation.finished_at = BulkState.UNDONE, timezone.now()
    operation.save(update_fields=["undone", "not_undone", "state", "finished_at"])


def _record(operation: BulkOperation, number: int, actor: Actor) -> None:
    numbers = {"undone": operation.undone, "skipped": operation.not_undone}
    record(
        actor,
        Action.BULK_UNDO,
        object_type=OBJECT_TYPE,
        object_id=str(operation.pk),
        object_label=Selection.from_json(operation.selection).describe(),
        after={"changes": number, **(numbers if operation.job_id is None else {"job": str(operation.job_id)})},
    )
