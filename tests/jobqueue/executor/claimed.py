"""A claimed job as a child is handed it, without a database."""

from typing import Any
from uuid import UUID

from jobqueue.claim import ClaimedJob
from jobqueue.executor.context import RunningJob

ID = UUID(int=7)


def claimed(task_type: str = "noop", payload: str = "{}", **changes: Any) -> ClaimedJob:
    """Attempt 1 of 3 unless said otherwise."""
    job = ClaimedJob(
        id=str(ID),
        claim=4,
        task_type=task_type,
        payload=payload,
        number=1,
        max_attempts=3,
        timeout=None,
        deadline=None,
        occurrence=None,
        checkpoint=None,
        postponed=0,
    )
    return job._replace(**changes)


class Said:
    """Collects what a job says to its supervisor."""

    def __init__(self) -> None:
        self.messages: list[list[Any]] = []

    def __call__(self, message: list[Any]) -> None:
        self.messages.append(message)


def context_of(job: ClaimedJob, said: Said | None = None) -> RunningJob:
    """Its context, begun at second 1000."""
    return RunningJob(job, 1_000.0, said or Said())
