"""Doing it: at once if the jobs are few, else by a background job, batch by batch."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from jobqueue.audit import Actor, record
from jobqueue.bulk.background import OBJECT_TYPE, enqueue
from jobqueue.bulk.batches import last_id, next_ids
from jobqueue.bulk.numbers import seen
from jobqueue.bulk.selection import Selection
from jobqueue.bulk.verbs import VERBS, apply
from jobqueue.exceptions import InvalidOptionError
from jobqueue.models.audit_entry import Action
from jobqueue.models.bulk_operation import BulkOperation, BulkState, BulkVerb
from jobqueue.restoring import keep, remember
from jobqueue.transitions import Moved

BATCH = 1_000
"""How many jobs one transaction changes at most, and so how many are done at once."""
_MOST_RECORDED = 100  # ids in an audit entry


def begin(
    verb: BulkVerb,
    selection: Selection,
    actor: Actor,
    *,
    reason: str = "",
    delay: timedelta | None = None,
    batch: int = BATCH,
) -> BulkOperation:
    """Retry, cancel or delete the selected jobs, and record who did it.

    At most `batch` jobs are done before this returns, in one transaction. More are done by a job of the type
    `job_queue_bulk`: in batches of that size, each a short transaction of its own. Jobs that are made meanwhile are
    left alone.

    Args:
        reason: why; a cancelled job shows it.
        delay: of retried jobs.

    Raises:
        InvalidOptionError: a delay that is impossible, or for another verb than retry.
    """
    if delay is not None and verb != BulkVerb.RETRY:
        raise InvalidOptionError(f"A delay is for retry only, not for {verb}.")
    with transaction.atomic():
        operation = BulkOperation(
            verb=verb,
            selection=selection.to_json(),
            reason=reason,
            delay=delay,
            channel=actor.channel,
            created_by_id=actor.user_id,
            created_at=timezone.now(),
            until=last_id(),
            matched=0,
        )
        ids = next_ids(selection, after=None, until=operation.until, limit=batch + 1)
        if len(ids) <= batch:
            operation.save()
            _do(operation, ids)
            operation.matched = seen(operation) - operation.skipped.get("unknown job", 0)
            _end(operation, BulkState.DONE)
        else:
            operation.matched = selection.jobs().filter(id__lte=operation.until).count()
            operation.save()
            operation.job_id = enqueue(operation, batch)
        operation.save()
        _record(operation, selection, actor)
    return operation


def run_batch(operation_id: UUID, batch: int) -> BulkOperation:
    """Do the next batch, with its counters and its cursor in one transaction; ends the operation after the last."""
    with transaction.atomic():
        # Whoever else works on it, a worker that was thought lost, waits here and then finds this batch done.
        operation = BulkOperation.objects.select_for_update().get(pk=operation_id)
        if operation.state != BulkState.RUNNING:
            return operation
        if operation.stop_requested_at is not None:
            _end(operation, BulkState.STOPPED)
        else:
            selection = Selection.from_json(operation.selection)
            ids = next_ids(selection, after=operation.cursor, until=operation.until, limit=batch)
            _do(operation, ids)
            if len(ids) < batch:
                _end(operation, BulkState.DONE)
        operation.save(update_fields=["cursor", "done", "requested", "skipped", "state", "finished_at"])
    return operation


def _do(operation: BulkOperation, ids: list[UUID]) -> None:
    if not ids:
        return
    verb = VERBS[BulkVerb(operation.verb)]
    if verb.leaves is not None:
        remember(operation.pk, ids, verb.moved())
    moved = apply(operation, ids)
    if verb.leaves is not None:
        keep(operation.pk, moved.done, [*moved.requested, *moved.skipped])
    operation.cursor = ids[-1]
    _count(operation, moved)


def _count(operation: BulkOperation, moved: Moved) -> None:
    operation.done += len(moved.done)
    operation.requested += len(moved.requested)
    operation.skipped = dict(Counter(operation.skipped) + Counter(moved.skipped.values()))


def _end(operation: BulkOperation, state: BulkState) -> None:
    operation.state, operation.finished_at = state, timezone.now()


def _record(operation: BulkOperation, selection: Selection, actor: Actor) -> None:
    said = dict(operation.selection)
    if selection.ids:
        said |= {"ids": said["ids"][:_MOST_RECORDED], "number_of_ids": len(selection.ids)}
    after = {"selection": said, "matched": operation.matched}
    if operation.job_id is None:
        after |= {"done": operation.done, "requested": operation.requested, "skipped": operation.skipped}
    else:
        after["job"] = str(operation.job_id)
    record(
        actor,
        Action[f"BULK_{operation.verb.upper()}"],
        object_type=OBJECT_TYPE,
        object_id=str(operation.pk),
        object_label=selection.describe(),
        after=after,
        reason=operation.reason,
        is_refused=operation.job_id is None and not (operation.done or operation.requested),
    )
