"""Jobs that wait for others: every way in which a parent can end, and how its child fares."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from jobqueue.claim import claim
from jobqueue.cleanup import delete_finished
from jobqueue.models import Job
from jobqueue.rescue import rescue
from jobqueue.states import OnFailure, Status
from jobqueue.transitions import cancel, delete, expire
from tests.jobqueue.factories import make_worker
from tests.jobqueue.lifecycle import put, take

type End = Callable[[UUID], object]


def child_of(*parents: UUID, on_failure: OnFailure = OnFailure.HOLD, **options: object) -> UUID:
    """A job alone in its queue that waits for the parents."""
    return put(depends_on=parents, on_failure=on_failure, **options)


def is_claimable(id_: UUID) -> bool:
    """Whether a worker of its queue would get it; if so, it has it."""
    return [job.id for job in claim(make_worker().pk, 1, [Job.objects.get(pk=id_).queue])] == [str(id_)]


def fate(id_: UUID) -> str:
    """What became of a job: "runs", "waits", "cancelled" ..."""
    job = Job.objects.get(pk=id_)
    if job.status != Status.PENDING:
        return job.status
    return "runs" if is_claimable(id_) else "waits"


def succeeds(parent: UUID) -> None:
    """Its handler returned."""
    take(parent).finish(Status.SUCCEEDED)


def fails(parent: UUID) -> None:
    """No retry can mend it."""
    take(parent).finish(Status.FAILED, code="AUTH_ERROR", message="refused")


def dies(parent: UUID) -> None:
    """Its attempts are used up."""
    take(parent).finish(Status.DEAD, code="TIMEOUT", message="too slow")


def is_cancelled_while_it_waits(parent: UUID) -> None:
    """By a person."""
    cancel([parent])


def is_cancelled_while_it_runs(parent: UUID) -> None:
    """By a person; its worker reports an error then."""
    held = take(parent)
    cancel([parent])
    held.finish(Status.RETRYING, delay=5.0)


def is_cancelled_before_it_begins(parent: UUID) -> None:
    """By a person; its worker hands it back then."""
    held = take(parent)
    cancel([parent])
    held.release()


def cancels_itself(parent: UUID) -> None:
    """Its handler raised CancelJob."""
    take(parent).finish(Status.CANCELLED)


def expires(parent: UUID) -> None:
    """It was not started by its deadline."""
    Job.objects.filter(pk=parent).update(deadline=timezone.now() - timedelta(seconds=1))
    expire()


def loses_its_worker(parent: UUID) -> None:
    """In its last attempt."""
    Job.objects.filter(pk=parent).update(max_attempts=1)
    held = take(parent)
    held.mark_started()
    rescue(held.worker)


def is_deleted(parent: UUID) -> None:
    """By a person."""
    delete([parent])


def fails_and_is_cleaned_up(parent: UUID) -> None:
    """Nobody retried it for as long as failed jobs are kept."""
    fails(parent)
    _clean_up(parent)


def _clean_up(id_: UUID) -> None:
    Job.objects.filter(pk=id_).update(finished_at=timezone.now())
    delete_finished(statuses=[Status(Job.objects.get(pk=id_).status)], older_than=timedelta())


def succeeds_and_is_cleaned_up(parent: UUID) -> None:
    """As most jobs end."""
    succeeds(parent)
    _clean_up(parent)


ENDS_WITHOUT_SUCCESS: tuple[End, ...] = (
    fails,
    dies,
    is_cancelled_while_it_waits,
    is_cancelled_while_it_runs,
    is_cancelled_before_it_begins,
    cancels_itself,
    expires,
    loses_its_worker,
)
ENDS_WITHOUT_TRACE: tuple[End, ...] = (is_deleted, fails_and_is_cleaned_up)
