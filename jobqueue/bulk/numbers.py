"""How far an operation is, in numbers and in words."""

from collections import Counter
from collections.abc import Mapping

from jobqueue.bulk.verbs import VERBS
from jobqueue.models.bulk_operation import BulkOperation, BulkState, BulkVerb

_UNDOING = (BulkState.UNDOING, BulkState.UNDONE)


def seen(operation: BulkOperation) -> int:
    """How many jobs the verb was asked for so far."""
    skipped: int = sum(operation.skipped.values())
    return operation.done + operation.requested + skipped


def progress(operation: BulkOperation) -> tuple[int, int]:
    """How many jobs it has dealt with, and of how many."""
    if operation.state in _UNDOING:
        return operation.undone + sum(operation.not_undone.values()), operation.done
    return seen(operation), max(seen(operation), operation.matched)


def summary(operation: BulkOperation) -> str:
    """One line such as "4,998 retried, 2 skipped: running"."""
    if operation.state in _UNDOING:
        return ", ".join([f"{operation.undone:,} restored", *_skipped(operation.not_undone)])
    parts = [f"{operation.done:,} {VERBS[BulkVerb(operation.verb)].done}"]
    if operation.requested:
        parts.append(f"{operation.requested:,} asked to stop")
    return ", ".join(parts + _skipped(operation.skipped))


def _skipped(reasons: Mapping[str, int]) -> list[str]:
    if not reasons:
        return []
    listed = ", ".join(
        reason if len(reasons) == 1 else f"{count:,} {reason}" for reason, count in Counter(reasons).most_common()
    )
    return [f"{sum(reasons.values()):,} skipped: {listed}"]
