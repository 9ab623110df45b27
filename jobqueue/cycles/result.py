"""What is told of a cycle to who asked for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from jobqueue.models import WorkerCycle
from jobqueue.models.worker_cycle import CycleStatus


@dataclass(frozen=True, kw_only=True)
class CycleJob:
    """One job that a cycle ran."""

    job_id: UUID
    task_type: str
    outcome: str
    """Of the attempt, a word of `AttemptOutcome`."""
    status: str
    """The job's own thereafter."""
    seconds: float
    code: str
    message: str
    """The error, masked and cut; empty if there was none."""


@dataclass(frozen=True, kw_only=True)
class CycleResult:
    """How a cycle went, or how far it is."""

    cycle: UUID | None
    """The id of its `WorkerCycle`; None if none was started because enough of them run."""
    status: str
    """`ok`, `paused`, `disabled`; `failed` if the worker ended by a defect."""
    processed: int = 0
    succeeded: int = 0
    failed: int = 0
    message: str
    results: Sequence[CycleJob] = ()
    """The first ten jobs that ended."""
    is_running: bool = False
    """The wait is over, the cycle is not: it goes on by itself."""

    @classmethod
    def of(cls, cycle: WorkerCycle) -> Self:
        """What its row says now."""
        is_running = cycle.status == CycleStatus.RUNNING
        return cls(
            cycle=cycle.pk,
            status=CycleStatus.OK.value if is_running else cycle.status,
            processed=cycle.processed,
            succeeded=cycle.succeeded,
            failed=cycle.failed,
            message=f"Still running, and it goes on: {jobs_ended(cycle)} so far." if is_running else cycle.message,
            results=[_job(told) for told in cycle.results],
            is_running=is_running,
        )


def jobs_ended(cycle: WorkerCycle) -> str:
    """In words, such as "3 jobs have run, 1 of them failed"."""
    if not cycle.processed:
        return "no job has run"
    jobs = "1 job has run" if cycle.processed == 1 else f"{cycle.processed:,} jobs have run"
    if not cycle.failed:
        return jobs
    if cycle.processed == cycle.failed:
        return f"{jobs} and failed" if cycle.failed == 1 else f"{jobs}, all of them failed"
    return f"{jobs}, {cycle.failed:,} of them failed"


def _job(told: dict[str, Any]) -> CycleJob:
    return CycleJob(
        job_id=UUID(told["jobId"]),
        task_type=told["taskType"],
        outcome=told["outcome"],
        status=told["status"],
        seconds=told["seconds"],
        code=told["code"],
        message=told["message"],
    )
