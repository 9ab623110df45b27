"""Jobs given to a running worker, and what became of them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from jobqueue.api import enqueue
from jobqueue.models import Attempt, Job
from jobqueue.states import FINISHED, Status
from jobqueue.wakeup import wake_workers

from .waiting import eventually


def run(task_type: str, payload: Any = None, **options: Any) -> Job:
    """Enqueue a job and wait until it has ended."""
    return ended(enqueue(task_type, payload, **options).id)


def ended(id_: UUID) -> Job:
    """The job, as soon as it has ended."""
    return reached(id_, *FINISHED)


def reached(id_: UUID, *statuses: Status) -> Job:
    """The job, as soon as it is in one of the states."""
    mine = Job.objects.filter(pk=id_, status__in=statuses)
    eventually(mine.exists, f"job {id_} is {' or '.join(statuses)}")
    return Job.objects.get(pk=id_)


def all_ended(ids: Iterable[UUID]) -> list[Job]:
    """The jobs in the order of their ids, as soon as all have ended."""
    mine = Job.objects.filter(pk__in=list(ids))
    eventually(lambda: not mine.exclude(status__in=FINISHED).exists(), "all jobs have ended")
    return list(mine.order_by("pk"))


def wait_for_successes(number: int) -> None:
    """Until so many jobs have succeeded in all."""
    succeeded = Job.objects.filter(status=Status.SUCCEEDED)
    eventually(lambda: succeeded.count() >= number, f"{number} jobs have succeeded")


def begun(id_: UUID) -> Job:
    """The job, as soon as it says by its progress that it runs and is recorded to do so."""
    mine = Job.objects.filter(pk=id_, status=Status.RUNNING, started_at__isnull=False, progress_done__isnull=False)
    eventually(mine.exists, f"job {id_} has begun")
    return mine.get()


def attempts(job: Job) -> list[Attempt]:
    """Its recorded executions, oldest first."""
    return list(Attempt.objects.filter(job_id=job.pk).order_by("claim"))


def outcomes(job: Job) -> list[str]:
    """How its executions ended, oldest first."""
    return [attempt.outcome for attempt in attempts(job)]


def inserted(**fields: Any) -> UUID:
    """A job that no `enqueue` would let in, as after a deploy or by another program's SQL; returns its id."""
    job = Job.objects.create(**fields)
    wake_workers()
    return job.pk
