"""What an operator may do to jobs: the operations of the queue with their names, questions and states."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from jobqueue import operations
from jobqueue.admin.screens import may_delete, may_operate
from jobqueue.audit import Actor
from jobqueue.models import Job
from jobqueue.models.audit_entry import Action
from jobqueue.states import Status
from jobqueue.transitions import Moved


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One verb as the screens offer it."""

    name: str
    action: Action
    label: str
    done: str
    icon: str
    states: frozenset[Status]
    """Where it is offered; the verb itself judges again when it is used."""
    act: Callable[[Sequence[UUID], Actor, str], Moved]
    """Takes the jobs, who acts and a reason."""
    question: str = ""
    """Asked before it is done; empty: done at once."""
    wants_reason: bool = False
    is_permitted: Callable[[HttpRequest], bool] = may_operate


@dataclass(frozen=True, kw_only=True)
class Offer:
    """An operation that fits one job."""

    operation: Operation
    label: str
    asks: bool


RETRY = Operation(
    name="retry",
    action=Action.JOB_RETRY,
    label="Retry",
    done="retried",
    icon="replay",
    states=frozenset({Status.FAILED, Status.DEAD, Status.CANCELLED, Status.RETRYING, Status.SUCCEEDED}),
    act=lambda ids, actor, reason: operations.retry(ids, actor),
)
RUN_NOW = Operation(
    name="run-now",
    action=Action.JOB_RUN_NOW,
    label="Run now",
    done="due now",
    icon="play_arrow",
    states=frozenset({Status.PENDING}),
    act=lambda ids, actor, reason: operations.run_now(ids, actor),
)
CANCEL = Operation(
    name="cancel",
    action=Action.JOB_CANCEL,
    label="Cancel",
    done="cancelled",
    icon="block",
    states=frozenset({Status.PENDING, Status.RETRYING, Status.RUNNING}),
    act=operations.cancel,
    question="Waiting jobs are cancelled at once; running ones are asked to stop.",
    wants_reason=True,
)
DELETE = Operation(
    name="delete",
    action=Action.JOB_DELETE,
    label="Delete",
    done="deleted",
    icon="delete",
    states=frozenset({Status.PENDING, Status.SUCCEEDED, Status.FAILED, Status.DEAD, Status.CANCELLED}),
    act=operations.delete,
    question="Their attempts and logs go with them. This cannot be undone.",
    is_permitted=may_delete,
)
OPERATIONS = {operation.name: operation for operation in (RETRY, RUN_NOW, CANCEL, DELETE)}

_RETRY_LABELS = {Status.SUCCEEDED: "Run again", Status.RETRYING: "Retry now"}


def offers(job: Job, request: HttpRequest) -> list[Offer]:
    """What this person may do to this job as it stands."""
    status = Status(job.status)
    is_stopping = status == Status.RUNNING and job.cancel_requested_at is not None
    is_held = job.blockers > bool(job.parked)
    return [
        Offer(
            operation=operation,
            label=_RETRY_LABELS.get(status, operation.label) if operation is RETRY else operation.label,
            asks=bool(operation.question) or status == Status.SUCCEEDED,
        )
        for operation in OPERATIONS.values()
        if operation.is_permitted(request)
        and status in operation.states
        and not (operation is CANCEL and is_stopping)
        and not (operation is RUN_NOW and is_held)
    ]
