"""What an operation's page and the strip above the job list tell of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from jobqueue import bulk
from jobqueue.bulk import BulkOperation, BulkState, BulkVerb, Selection
from jobqueue.bulk.undo import UNDOABLE_FOR
from jobqueue.exceptions import InvalidSelectionError
from jobqueue.models import Job
from jobqueue.models.bulk_operation import ACTIVE
from jobqueue.states import WAITING
from jobqueue.waiting import why_waiting

_MOST_ACTIVE = 5


@dataclass(frozen=True, kw_only=True)
class Facts:
    """An operation in words and numbers."""

    operation: BulkOperation
    description: str
    seen: int
    total: int
    summary: str
    skipped: Mapping[str, int]
    """How many were left alone, by reason."""
    is_active: bool
    is_stopping: bool
    is_undoable: bool
    waits: str
    """Why the background job has not begun; empty if it has, or if there is none."""

    @property
    def percent(self) -> int:
        """How far it is."""
        return min(100, self.seen * 100 // self.total) if self.total else 100


def facts(operation: BulkOperation) -> Facts:
    """What there is to tell; one whose job has died is told as stopped, which upkeep makes it."""
    job = _job(operation) if operation.state in ACTIVE else None
    if operation.state in ACTIVE and (job is None or job.is_finished):
        operation.state, operation.finished_at = BulkState.STOPPED, timezone.now()
    is_active = operation.state in ACTIVE
    seen, total = bulk.progress(operation)
    is_undo = operation.state in (BulkState.UNDOING, BulkState.UNDONE)
    return Facts(
        operation=operation,
        description=_described(operation),
        seen=seen,
        total=total,
        summary=bulk.summary(operation),
        skipped=operation.not_undone if is_undo else operation.skipped,
        is_active=is_active,
        is_stopping=is_active and operation.stop_requested_at is not None,
        is_undoable=_is_undoable(operation),
        waits=why_waiting(job).sentence if is_active and job is not None and job.status in WAITING else "",
    )


def active() -> list[Facts]:
    """The operations that go on now."""
    running = BulkOperation.objects.filter(state__in=ACTIVE).select_related("created_by").order_by("-id")
    told = [facts(operation) for operation in running[:_MOST_ACTIVE]]
    return [one for one in told if one.is_active]


def _described(operation: BulkOperation) -> str:
    try:
        return Selection.from_json(operation.selection).describe()
    except InvalidSelectionError as problem:  # made by a version that knew other conditions
        return str(problem)


def _is_undoable(operation: BulkOperation) -> bool:
    if operation.state not in (BulkState.DONE, BulkState.STOPPED) or operation.verb == BulkVerb.DELETE:
        return False
    ended = operation.finished_at
    is_recent = ended is not None and ended >= timezone.now() - UNDOABLE_FOR
    return is_recent and operation.undone < operation.done


def _job(operation: BulkOperation) -> Job | None:
    return Job.objects.for_list().filter(pk=operation.job_id).first() if operation.job_id else None
