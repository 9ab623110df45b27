"""Jobs as commands show them: the newest of those that were chosen, and their shapes in tables and JSON."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from jobqueue.ids import first_id_at
from jobqueue.management.printing import iso, seconds, table
from jobqueue.models import Job
from jobqueue.querysets import JobQuerySet
from jobqueue.states import FINISHED, Priority

_CONDITIONS = {
    "ids": "pk__in",
    "task_types": "task_type__in",
    "queues": "queue__in",
    "error_codes": "error_code__in",
    "fingerprint": "fingerprint",
    "created_by": "created_by",
    "schedule": "schedule",
}


def newest(given: Mapping[str, Any], limit: int, before: UUID | None = None) -> list[Job]:
    """The newest of the chosen jobs; unlike a `Selection` it holds also those that do operations on many.

    Args:
        given: from `selecting.chosen`; nothing for all.
        before: only jobs made before this one.
    """
    jobs = _among(Job.objects.for_list(), given)
    if before is not None:
        jobs = jobs.filter(pk__lt=before)
    # Status by status, so that the index (status, id) has each in order, however rare it is.
    walks = [jobs.filter(status=status) for status in dict.fromkeys(given.get("statuses", ()))] or [jobs]
    first, *others = [walk.order_by("-pk")[:limit] for walk in walks]
    return list(first.union(*others, all=True).order_by("-pk")[:limit] if others else first)


def _among(jobs: JobQuerySet, given: Mapping[str, Any]) -> JobQuerySet:
    conditions = Q(**{condition: given[name] for name, condition in _CONDITIONS.items() if name in given})
    is_by_end = "statuses" in given and set(given["statuses"]) <= set(FINISHED)
    if "since" in given:
        conditions &= Q(finished_at__gte=given["since"]) if is_by_end else Q(pk__gte=first_id_at(given["since"]))
    if "until" in given:
        conditions &= Q(finished_at__lt=given["until"]) if is_by_end else Q(pk__lt=first_id_at(given["until"]))
    jobs = jobs.filter(conditions)
    return jobs.tagged(given["tag"]) if "tag" in given else jobs


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


def job_json(job: Job) -> dict[str, Any]:
    """One job of a list."""
    return {
        "id": str(job.pk),
        "shortId": job.short_id,
        "taskType": job.task_type,
        "status": job.status,
        "queue": job.queue,
        "priority": Priority(job.priority).name,
        "runAt": iso(job.run_at),
        "createdAt": iso(job.created_at),
        "startedAt": iso(job.started_at),
        "finishedAt": iso(job.finished_at),
        "attempts": job.attempts,
        "maxAttempts": job.max_attempts,
        "errorCode": job.error_code,
        "errorMessage": job.error_message,
        "tags": job.tags,
        "createdBy": job.created_by_id,
        "schedule": job.schedule_id,
        "progress": _progress(job),
    }


def jobs_json(jobs: Iterable[Job]) -> list[dict[str, Any]]:
    """Many of them."""
    return [job_json(job) for job in jobs]


def _progress(job: Job) -> dict[str, Any] | None:
    if job.progress_done is None:
        return None
    return {"done": job.progress_done, "total": job.progress_total, "message": job.progress_message}
