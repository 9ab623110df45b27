"""Running jobs inline: `run_due_jobs`, `run_job`."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from jobqueue import scheduler
from jobqueue.models import Job
from jobqueue.states import WAITING, AttemptOutcome, Status
from jobqueue.testing.inline import Ran, inline_worker
from jobqueue.waiting import why_waiting

MOST = 1_000
"""So many executions in one call are taken for a loop without end, unless `limit` says otherwise."""


class EndlessJobsError(AssertionError):
    """Jobs that run make more jobs due, again and again."""


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """What `run_due_jobs` did. The numbers count executions: a job that was retried at once counts twice."""

    ran: int
    succeeded: int
    retrying: int
    """Failed, and to be retried."""
    postponed: int
    """Asked to be run later, by `RetryLater`."""
    failed: int
    dead: int
    cancelled: int
    """By the handler, on request, or because their deadline had passed."""
    jobs: list[Job]
    """The jobs that ran, each as its last execution left it, in the order in which they first ran."""
    errors: list[BaseException]
    """What handlers raised, in order; requests such as `RetryLater` too."""


def run_due_jobs(*, limit: int | None = None, until: datetime | None = None, raise_errors: bool = False) -> RunSummary:
    """Run what is due, one job after another, in this process and on this database connection.

    Jobs are claimed, executed and recorded by the code that a worker uses, so that payload checks, results, attempts,
    retries, log lines, dependencies, concurrency keys, pauses and retention are as in production. What becomes due
    meanwhile is run, too: children, the next of a chain, a retry without a wait. It works in `TestCase`, where nothing
    is ever committed, and in `TransactionTestCase`. What is due is decided by Python's clock, which a test may stop.

    Unlike a worker it enforces no timeout, and survives no handler that ends its process.

    Args:
        limit: run at most so many, and leave the rest.
        until: run also what is due by then, such as retries: `until=timezone.now() + timedelta(hours=1)`.
        raise_errors: after the first execution that fails, by an error that will be retried too, raise what the
            handler raised. The attempt is recorded before that.

    Raises:
        EndlessJobsError: 1,000 jobs ran and more were due, and no limit was given.
        BaseException: with `raise_errors`, the error of a handler.
    """
    rans: list[Ran] = []
    with inline_worker() as worker:
        while limit is None or len(rans) < limit:
            now = timezone.now()
            ran = worker.run_next(now if until is None else max(now, until))
            if ran is None:
                break
            rans.append(ran)
            if raise_errors:
                _raise_error(ran)
            if limit is None and len(rans) == MOST:
                _refuse_to_go_on(rans)
    return _summary(rans)


def run_job(job_id: UUID, *, raise_errors: bool = False) -> Job:
    """Run this one job now, also if it is due only later, and return it as it is then.

    Args:
        raise_errors: see `run_due_jobs`.

    Raises:
        Job.DoesNotExist: there is no such job.
        AssertionError: it cannot be run now, for a reason that the message tells: it has ended, waits for another
            job, is paused, or its concurrency key has no place left.
        BaseException: with `raise_errors`, the error of its handler.
    """
    job = Job.objects.get(pk=job_id)
    with inline_worker() as worker:
        ran = worker.run_next(max(timezone.now(), job.run_at), only=job.pk)
        if ran is None:
            job.refresh_from_db()
            raise AssertionError(f"Job {job.short_id} ({job.task_type}) cannot be run. {why_waiting(job).sentence}")
    if raise_errors:
        _raise_error(ran)
    return ran.job


def fire_due_schedules() -> int:
    """Enqueue the jobs of all schedules that are due by Python's clock, as the scheduler does; returns how many."""
    return scheduler.tick()


def _raise_error(ran: Ran) -> None:
    if ran.report.outcome != AttemptOutcome.ERROR:
        return
    raise ran.error or AssertionError(f"{ran.job.task_type} failed: {ran.report.code}: {ran.report.message}")


def _refuse_to_go_on(rans: list[Ran]) -> None:
    is_due = Job.objects.filter(status__in=WAITING, blockers=0, run_at__lte=timezone.now())
    if not is_due.exists():
        return
    often = Counter(ran.job.task_type for ran in rans).most_common(3)
    raise EndlessJobsError(
        f"{MOST:,} jobs ran and more are due; the most frequent: "
        + ", ".join(f"{task_type} ({times:,} times)" for task_type, times in often)
        + ". Does a handler enqueue itself, or is it retried without a wait? "
        "If there are to be so many, say so: run_due_jobs(limit=...)."
    )


def _summary(rans: list[Ran]) -> RunSummary:
    latest = {ran.job.pk: ran.job for ran in rans}
    ends = Counter(Status(ran.report.status) for ran in rans if not _is_postponed(ran))
    return RunSummary(
        ran=len(rans),
        succeeded=ends[Status.SUCCEEDED],
        retrying=ends[Status.RETRYING],
        postponed=sum(map(_is_postponed, rans)),
        failed=ends[Status.FAILED],
        dead=ends[Status.DEAD],
        cancelled=ends[Status.CANCELLED],
        jobs=list(latest.values()),
        errors=[ran.error for ran in rans if ran.error is not None],
    )


def _is_postponed(ran: Ran) -> bool:
    return ran.report.outcome == AttemptOutcome.POSTPONED
