"""Jobs as commands list them: the newest of those that were chosen, and their table."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from jobqueue.job_filter import JobFilter
from jobqueue.management.printing import seconds, table
from jobqueue.models import Job


def newest(given: Mapping[str, Any], limit: int, before: UUID | None = None) -> list[Job]:
    """The newest of the chosen jobs; unlike a `Selection` it holds also those that do operations on many, and unlike
    `newest.py` it looks at all jobs, however long that takes.

    Args:
        given: from `selecting.chosen`; nothing for all.
        before: only jobs made before this one.
    """
    chosen = JobFilter(**given)
    jobs = chosen.among(Job.objects.for_list(), [name for name in chosen.given() if name != "statuses"])
    if before is not None:
        jobs = jobs.filter(pk__lt=before)
    # Status by status, so that the index (status, id) has each in order, however rare it is.
    walks = [jobs.filter(status=status) for status in chosen.statuses] or [jobs]
    first, *others = [walk.order_by("-pk")[:limit] for walk in walks]
    return list(first.union(*others, all=True).order_by("-pk")[:limit] if others else first)


def jobs_table(jobs: Sequence[Job]) -> str:
    """One line per job."""
    rows = (
        (
            job.short_id,
            job.task_type,
            job.get_status_display(),
            job.queue,
            f"{job.attempt_number}/{job.max_attempts}",
            seconds(job.created_at),
            seconds(job.finished_at or job.run_at),
            job.error_code,
        )
        for job in jobs
    )
    return table(("id", "task type", "status", "queue", "tries", "created", "due or ended", "error"), rows)
