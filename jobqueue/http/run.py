"""GET and POST /jobs/run: the worker endpoint, for cron services and hosts where no worker may stay."""

from typing import Annotated, Any, cast

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import BaseModel, ConfigDict, Field

from jobqueue.audit import Actor
from jobqueue.cycles import MOST_JOBS, CycleResult, run_cycle
from jobqueue.http.problems import invalid
from jobqueue.http.runner_secret import CronSecret, RunnerSecret, refuse_stranger
from jobqueue.http.shapes import Answer, Body, Flag, JobId, Problem
from jobqueue.models.worker_cycle import CycleSource, CycleStatus
from jobqueue.redaction import redact_text

router = Router(tags=["Worker endpoint"])

_USUAL = 5
_STATUSES: dict[str, Any] = {"enum": ["ok", "paused", "disabled", "failed"]}
_Jobs = Annotated[int, Field(ge=1, le=MOST_JOBS, description="At most so many jobs.", examples=[1])]


class RunBody(Body):
    """How many."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"limit": 1}]})

    limit: Annotated[_Jobs, Field(strict=True)] = _USUAL
    force: Flag = Field(default=False, description="Also while everything is paused.")


class RunQuery(BaseModel):
    """How many, for callers that can only GET."""

    limit: _Jobs = _USUAL
    force: bool = Field(default=False, description="Also while everything is paused.")


class CycleJobShape(Answer):
    """One job that ended."""

    job_id: JobId
    task_type: str
    outcome: str = Field(description="Of the attempt.", examples=["succeeded"])
    status: str = Field(description="The job's own thereafter.", examples=["succeeded"])
    seconds: float
    code: str
    message: str


class RunOutcome(Answer):
    """How the cycle went, or how far it is."""

    status: str = Field(json_schema_extra=_STATUSES, examples=["ok"])
    processed: int
    succeeded: int
    failed: int
    message: str = Field(examples=["1 job has run."])
    running: bool = Field(description="The wait is over, the cycle is not: it goes on by itself.")
    cycle: JobId | None = Field(description="Its id among /api/admin/cron/runs.")
    results: list[CycleJobShape] = Field(description="The first ten jobs that ended.")


_DECLARED: dict[str, Any] = {
    "auth": [RunnerSecret(), CronSecret(), refuse_stranger],
    "response": {
        200: RunOutcome,
        **dict.fromkeys((401, 422, 429), Problem),
        500: RunOutcome | Problem,
        503: RunOutcome | Problem,
    },
    "by_alias": True,
}
_MORE = "\n\nNeeds: the runner's secret in `x-job-runner-secret`, or the cron service's as `Authorization: Bearer`."


@router.post(
    "/jobs/run",
    **{**_DECLARED, "response": {**_DECLARED["response"], **dict.fromkeys((400, 413, 415), Problem)}},
    summary="Run due jobs",
    operation_id="run_jobs",
    description=f"Run up to `limit` jobs that are due, and tell how that went; 503 while all is disabled.{_MORE}",
)
def run_jobs(request: HttpRequest, body: RunBody = RunBody()) -> Status[Any]:  # noqa: B008
    """Run up to `limit` jobs that are due."""
    _refuse_query(request, set())
    return _run(request, body.limit, force=body.force)


@router.get(
    "/jobs/run",
    **_DECLARED,
    summary="Run due jobs (for callers that can only GET)",
    operation_id="run_jobs_by_get",
    description=f"The same as POST, for cron services that can only GET. It takes no cookie.{_MORE}",
)
def run_jobs_by_get(request: HttpRequest, query: Query[RunQuery]) -> Status[Any]:
    """The same."""
    _refuse_query(request, {"limit", "force"})
    return _run(request, query.limit, force=query.force)


def _refuse_query(request: HttpRequest, names: set[str]) -> None:
    unknown = sorted(set(request.GET) - names)
    if unknown:
        raise invalid({name[:100]: "there is no such query parameter" for name in unknown[:20]})


def _run(request: HttpRequest, limit: int, *, force: bool) -> Status[Any]:
    actor = cast(Actor, request.auth)  # type: ignore[attr-defined]
    result = run_cycle(limit, CycleSource.HTTP, actor, force=force)
    status = {CycleStatus.DISABLED.value: 503, CycleStatus.FAILED.value: 500}.get(result.status, 200)
    return Status(status, _shape(result))


def _shape(result: CycleResult) -> dict[str, Any]:
    return {
        "status": result.status,
        "processed": result.processed,
        "succeeded": result.succeeded,
        "failed": result.failed,
        "message": result.message,
        "running": result.is_running,
        "cycle": str(result.cycle) if result.cycle else None,
        "results": [
            {
                "jobId": str(job.job_id),
                "taskType": job.task_type,
                "outcome": job.outcome,
                "status": job.status,
                "seconds": job.seconds,
                "code": job.code,
                "message": redact_text(job.message),
            }
            for job in result.results
        ],
    }
