"""GET /jobs/mine and /jobs/{id}: what somebody has enqueued themselves."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router

from jobqueue.http.caller import READ, READ_OWN, caller_of
from jobqueue.http.jobs.details import find_job, no_job
from jobqueue.http.jobs.listing import OwnQuery
from jobqueue.http.jobs.query import Filters, newest
from jobqueue.http.jobs.shapes import JobPage, OwnJobShape, page_shape
from jobqueue.http.routing import route
from jobqueue.management.job_row import JobRow
from jobqueue.models import Job
from jobqueue.redaction import redact
from jobqueue.states import WAITING, Status
from jobqueue.waiting import why_waiting

router = Router(tags=["One's own jobs"])


@route(router, "GET", "/jobs/mine", needs=READ_OWN, answers=JobPage, summary="List one's own jobs")
def list_own_jobs(request: HttpRequest, query: Query[OwnQuery]) -> dict[str, Any]:
    """The jobs that were enqueued on one's behalf, the newest first, a page at a time."""
    filters = Filters(
        statuses=tuple(map(Status, query.status)),
        task_types=tuple(query.type),
        created_by=caller_of(request).user.pk,
        before=query.cursor,
    )
    return page_shape(newest(filters, query.limit))


@route(
    router,
    "GET",
    "/jobs/{job_id}",
    needs=READ_OWN,
    answers=OwnJobShape,
    problems={404},
    summary="Show one's own job",
)
def show_own_job(request: HttpRequest, job_id: UUID) -> dict[str, Any]:
    """A job that was enqueued on one's behalf; of others only for who may see all jobs."""
    caller, job = caller_of(request), find_job(job_id)
    if job.created_by_id != caller.user.pk and not caller.may(READ):
        raise no_job(job_id)  # as if there were none: whose job it is, is nobody else's business
    return own_shape(job)


def own_shape(job: Job) -> dict[str, Any]:
    """A job as `OwnJobShape`."""
    waiting = why_waiting(job) if job.status in WAITING else None
    return {
        **JobRow.of(job).to_json(),
        "payload": redact(job.payload),
        "result": redact(job.result),
        "waiting": {"kind": waiting.kind.value, "sentence": waiting.sentence} if waiting else None,
    }
