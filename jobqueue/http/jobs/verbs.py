"""POST /admin/jobs/{id}/retry, /cancel, /run-now and DELETE /admin/jobs/{id}: one verb for one job."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from jobqueue import operations
from jobqueue.http.caller import DELETE, OPERATE, actor_of
from jobqueue.http.jobs.details import no_job
from jobqueue.http.jobs.router import router
from jobqueue.http.jobs.shapes import STATUSES
from jobqueue.http.problems import ApiProblem
from jobqueue.http.routing import route
from jobqueue.http.shapes import Answer, Body, Done, JobId, Moment, Reason
from jobqueue.management.printing import iso
from jobqueue.models import Job
from jobqueue.states import FINISHED
from jobqueue.transitions import Moved

_UNKNOWN = "unknown job"


class RetryBody(Body):
    """How to retry."""

    delay_seconds: Annotated[float, Field(ge=0, le=3_155_760_000, strict=True)] = Field(
        default=0, description="Due so long from now.", examples=[60]
    )
    reason: Reason = ""


class ReasonBody(Body):
    """Why."""

    reason: Reason = Field(default="", examples=["The platform is down."])


class MovedJob(Answer):
    """What became of the job."""

    success: bool = Field(examples=[True])
    job_id: JobId
    status: str = Field(json_schema_extra=STATUSES, examples=["pending"])
    scheduled_for: Moment | None = Field(description="When it is due; null if it has ended or runs.")
    message: str = Field(examples=["The job was retried."])


_PROBLEMS = {404, 409}


@route(
    router, "POST", "/admin/jobs/{job_id}/retry", needs=OPERATE, answers=MovedJob, problems=_PROBLEMS, summary="Retry"
)
def retry_job(request: HttpRequest, job_id: UUID, body: RetryBody = RetryBody()) -> dict[str, Any]:  # noqa: B008
    """Make a job that has ended pending again, with a fresh budget of attempts, or one that waits for a retry due now.
    Its history stays. A running job is refused: it would run twice.
    """
    delay = timedelta(seconds=body.delay_seconds) if body.delay_seconds else None
    actor = actor_of(request)
    return _moved(job_id, lambda ids: operations.retry(ids, actor, delay=delay, reason=body.reason), "retried")


@route(
    router, "POST", "/admin/jobs/{job_id}/cancel", needs=OPERATE, answers=MovedJob, problems=_PROBLEMS, summary="Cancel"
)
def cancel_job(request: HttpRequest, job_id: UUID, body: ReasonBody = ReasonBody()) -> dict[str, Any]:  # noqa: B008
    """Cancel a waiting job, or ask a running one to stop, which it does within seconds."""
    actor = actor_of(request)
    return _moved(job_id, lambda ids: operations.cancel(ids, actor, body.reason), "cancelled")


@route(
    router,
    "POST",
    "/admin/jobs/{job_id}/run-now",
    needs=OPERATE,
    answers=MovedJob,
    problems=_PROBLEMS,
    summary="Run now",
)
def run_job_now(request: HttpRequest, job_id: UUID) -> dict[str, Any]:
    """Make a waiting job due now."""
    actor = actor_of(request)
    return _moved(job_id, lambda ids: operations.run_now(ids, actor), "made due")


@route(router, "DELETE", "/admin/jobs/{job_id}", needs=DELETE, answers=Done, problems=_PROBLEMS, summary="Delete")
def delete_job(request: HttpRequest, job_id: UUID) -> dict[str, Any]:
    """Delete a job with its attempts and its log. A running or retrying one is refused: cancel it first."""
    _check(job_id, operations.delete([job_id], actor_of(request)), "deleted")
    return {"success": True, "message": "The job was deleted."}


def _moved(job_id: UUID, verb: Callable[[list[UUID]], Moved], participle: str) -> dict[str, Any]:
    moved = verb([job_id])
    _check(job_id, moved, participle)
    job = Job.objects.only("status", "run_at").filter(pk=job_id).first()
    if job is None:
        raise no_job(job_id)
    is_waiting = job.status not in FINISHED and job.status != "running"
    return {
        "success": True,
        "jobId": str(job_id),
        "status": job.status,
        "scheduledFor": iso(job.run_at) if is_waiting else None,
        "message": "The job was asked to stop." if moved.requested else f"The job was {participle}.",
    }


def _check(job_id: UUID, moved: Moved, participle: str) -> None:
    refusal = moved.skipped.get(job_id)
    if refusal == _UNKNOWN:
        raise no_job(job_id)
    if refusal:
        raise ApiProblem(409, f"The job cannot be {participle}: {refusal}.", fields={"status": refusal})
