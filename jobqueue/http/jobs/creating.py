"""POST /admin/jobs: a job of any registered task type."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Status
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from jobqueue import operations
from jobqueue.enqueuing import Enqueued
from jobqueue.http.caller import OPERATE, actor_of
from jobqueue.http.jobs.router import router
from jobqueue.http.jobs.shapes import PRIORITIES, STATUSES
from jobqueue.http.problems import invalid
from jobqueue.http.routing import route
from jobqueue.http.shapes import Answer, Body, JobId, Time
from jobqueue.models import Job
from jobqueue.new_job import NewJob
from jobqueue.states import OnFailure, parse_priority

_POLICIES: dict[str, Any] = {"enum": OnFailure.values}
_Text = Annotated[str, Field(min_length=1, max_length=255)]
_Seconds = Annotated[float, Field(ge=0, le=3_155_760_000, strict=True)]


class NewJobBody(Body):
    """A job to enqueue. What is left out is the task type's own."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        json_schema_extra={
            "examples": [{"taskType": "game_platform_sync", "payload": {"dryRun": True}, "priority": "HIGH"}]
        },
    )

    task_type: Annotated[str, Field(min_length=1, max_length=100)]
    payload: dict[str, Any] = Field(default={}, description="The task type's own fields, see its handler.")
    run_at: Time | None = Field(default=None, description="Not before this time. Or else:")
    delay_seconds: _Seconds | None = Field(default=None, description="not before so long from now.")
    priority: str | None = Field(default=None, json_schema_extra=PRIORITIES)
    queue: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    max_attempts: Annotated[int, Field(ge=1, le=32_767, strict=True)] | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=31_557_600, strict=True)] | None = None
    deadline: Time | None = Field(default=None, description="Not started by then, it is cancelled.")
    depends_on: Annotated[list[UUID], Field(max_length=1_000)] = Field(default=[], description="Waits for these jobs.")
    on_failure: str = Field(
        default=OnFailure.HOLD.value,
        json_schema_extra=_POLICIES,
        description="What becomes of it if one of them does not succeed.",
    )
    unique_key: _Text | None = Field(default=None, description="Only one unfinished job may have it.")
    concurrency_key: _Text | None = Field(default=None, description="At most `concurrencyLimit` with it run at once.")
    concurrency_limit: Annotated[int, Field(ge=1, le=32_767, strict=True)] = 1
    tags: Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=50)] = []


class CreatedJob(Answer):
    """What became of it."""

    success: bool = Field(description="Whether there is a job to do it.", examples=[True])
    job_id: JobId
    created: bool = Field(description="False: an unfinished job with the same unique key is there already; this is it.")
    status: str = Field(json_schema_extra=STATUSES, examples=["pending"])
    message: str = Field(examples=["The job was created."])


_ANSWERS = {200: CreatedJob, 201: CreatedJob}


@route(router, "POST", "/admin/jobs", needs=OPERATE, answers=_ANSWERS, summary="Create a job")
def create_job(request: HttpRequest, body: NewJobBody) -> Status[Any]:
    """Enqueue a job of any registered task type. If its unique key is taken, the answer is 200 and names the job with
    it.
    """
    return _created(operations.create(_new_job(body), actor_of(request)))


@route(router, "POST", "/admin/jobs/create", needs=OPERATE, answers=_ANSWERS, summary="Create a job (alias)")
def create_job_alias(request: HttpRequest, body: NewJobBody) -> Status[Any]:
    """The same as POST /api/admin/jobs."""
    return _created(operations.create(_new_job(body), actor_of(request)))


def _new_job(body: NewJobBody) -> NewJob:
    try:
        priority = None if body.priority is None else parse_priority(body.priority).value
    except ValueError as error:
        raise invalid({"priority": str(error)}) from None
    if body.on_failure not in OnFailure.values:
        raise invalid({"onFailure": f"expected one of {', '.join(OnFailure.values)}"})
    if body.run_at is not None and body.delay_seconds is not None:
        raise invalid({"delaySeconds": "expected this or runAt, not both"})
    return NewJob(
        task_type=body.task_type,
        payload=body.payload,
        run_at=body.run_at,
        delay=None if body.delay_seconds is None else timedelta(seconds=body.delay_seconds),
        priority=priority,
        queue=body.queue,
        max_attempts=body.max_attempts,
        timeout=None if body.timeout_seconds is None else timedelta(seconds=body.timeout_seconds),
        deadline=body.deadline,
        depends_on=list(dict.fromkeys(body.depends_on)),
        on_failure=OnFailure(body.on_failure),
        unique_key=body.unique_key,
        concurrency_key=body.concurrency_key,
        concurrency_limit=body.concurrency_limit,
        tags=body.tags,
    )


def _created(enqueued: Enqueued) -> Status[Any]:
    status = Job.objects.filter(pk=enqueued.id).values_list("status", flat=True).first()
    message = (
        "The job was created." if enqueued.created else "An unfinished job has the same unique key: it is the one."
    )
    shape = {
        "success": True,
        "jobId": str(enqueued.id),
        "created": enqueued.created,
        "status": status or "pending",
        "message": message,
    }
    return Status(201 if enqueued.created else 200, shape)
