"""GET /admin/jobs/{id}: a job with its attempts, its log, the jobs beside it, and why it waits."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from jobqueue.http.caller import READ
from jobqueue.http.jobs.router import router
from jobqueue.http.jobs.shapes import JobDetails
from jobqueue.http.problems import ApiProblem
from jobqueue.http.routing import route
from jobqueue.management.describing import Description
from jobqueue.management.printing import iso
from jobqueue.models import Job, LogLine
from jobqueue.redaction import redact_text

_MOST_LINES = 1_000
_LISTS = ("parent", "dependsOn", "dependents", "children")


@route(router, "GET", "/admin/jobs/{job_id}", needs=READ, answers=JobDetails, problems={404}, summary="Show a job")
def show_job(request: HttpRequest, job_id: UUID) -> dict[str, Any]:
    """Everything about one job: attempts with their tracebacks, the end of its log, the jobs beside it, why it waits.
    Secrets are masked.
    """
    return details_shape(find_job(job_id))


def find_job(job_id: UUID) -> Job:
    """The job with that id.

    Raises:
        ApiProblem: there is none.
    """
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        raise no_job(job_id)
    return job


def no_job(job_id: UUID) -> ApiProblem:
    """There is no such job."""
    return ApiProblem(404, f"There is no job {job_id}: it was deleted, or there never was one.")


def details_shape(job: Job) -> dict[str, Any]:
    """A job as `JobDetails`."""
    described = Description.of(job, with_log=False)
    said = {name: value for name, value in described.to_json().items() if name not in _LISTS}
    return {
        **said,
        "cancelReason": redact_text(job.cancel_reason),
        "log": [_line(line) for line in _last_lines(job)],
        "related": {
            "parent": str(job.parent_id) if job.parent_id else None,
            "dependsOn": _related(described.parents),
            "dependents": _related(described.dependents),
            "children": _related(described.children),
        },
    }


def _last_lines(job: Job) -> list[LogLine]:
    return list(LogLine.objects.filter(job_id=job.pk).order_by("-claim", "-number")[:_MOST_LINES])[::-1]


def _line(line: LogLine) -> dict[str, Any]:
    return {"claim": line.claim, "time": iso(line.time), "level": line.level, "text": redact_text(line.text)}


def _related(jobs: Iterable[Job]) -> list[dict[str, Any]]:
    return [{"id": str(job.pk), "taskType": job.task_type, "status": job.status} for job in jobs]
