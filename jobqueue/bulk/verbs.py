"""The verbs of `transitions/` as operations on many know them: whom they move, and how they are called."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from jobqueue import transitions
from jobqueue.models.bulk_operation import BulkOperation, BulkVerb
from jobqueue.states import FINISHED, Status
from jobqueue.transitions import Moved


@dataclass(frozen=True, kw_only=True)
class Verb:
    """What a verb does to the states of jobs."""

    done: str
    """What became of the jobs, as people say it."""
    refused: frozenset[Status]
    """Jobs in these states are left alone."""
    leaves: Status | None
    """The state that jobs come to; none if they are gone, which nothing can undo."""

    def moved(self) -> list[Status]:
        """The states that it changes; a running job is only asked to."""
        return [status for status in Status if status not in self.refused and status != Status.RUNNING]


VERBS = {
    BulkVerb.RETRY: Verb(done="retried", refused=frozenset({Status.PENDING, Status.RUNNING}), leaves=Status.PENDING),
    BulkVerb.CANCEL: Verb(done="cancelled", refused=frozenset(FINISHED), leaves=Status.CANCELLED),
    BulkVerb.DELETE: Verb(done="deleted", refused=frozenset({Status.RUNNING, Status.RETRYING}), leaves=None),
}


def apply(operation: BulkOperation, ids: Sequence[UUID]) -> Moved:
    """Do to these jobs what the operation is for."""
    match BulkVerb(operation.verb):
        case BulkVerb.RETRY:
            return transitions.retry(ids, delay=operation.delay)
        case BulkVerb.CANCEL:
            return transitions.cancel(ids, by=operation.created_by_id, reason=operation.reason)
        case BulkVerb.DELETE:
            return transitions.delete(ids)
