"""GET /admin/job-runs and /admin/cron/runs: what schedules and worker cycles did, the latest first."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator

from jobqueue.http.caller import READ, READ_SCHEDULES
from jobqueue.http.routing import route
from jobqueue.http.schedules.shapes import scope_fields
from jobqueue.http.shapes import Answer, JobId, Json, Key, Limit, Moment
from jobqueue.management.printing import iso
from jobqueue.models import WorkerCycle
from jobqueue.models.occurrence import Skipped, Trigger
from jobqueue.models.worker_cycle import CycleSource, CycleStatus
from jobqueue.occurrences import Run, find_runs
from jobqueue.redaction import redact, redact_text
from jobqueue.scopes import scopes
from jobqueue.states import Status, parse_status

router = Router(tags=["History"])

_TRIGGERS: dict[str, Any] = {"enum": Trigger.values}
_SKIPPED: dict[str, Any] = {"enum": [*Skipped.values, None]}
_STATUSES: dict[str, Any] = {"enum": [*Status.values, None]}
_SOURCES: dict[str, Any] = {"enum": CycleSource.values}
_CYCLES: dict[str, Any] = {"enum": CycleStatus.values}


class RunShape(BaseModel):
    """One time of a schedule and what came of it."""

    model_config = ConfigDict(extra="forbid")

    id: int
    schedule: int
    name: str = Field(description="The schedule's.")
    scheduled_at: Moment
    fired_at: Moment
    trigger: str = Field(json_schema_extra=_TRIGGERS)
    skipped: str | None = Field(json_schema_extra=_SKIPPED, description="Why it has no job of its own.")
    times: int = Field(description="How many times a skipped one stands for.")
    status: str | None = Field(json_schema_extra=_STATUSES)
    job_id: JobId | None
    started_at: Moment | None
    finished_at: Moment | None
    duration_seconds: float | None
    metrics: dict[str, Json] = Field(description="The numbers of the job's result.")
    error: str


class RunPage(BaseModel):
    """Some runs, the latest first."""

    runs: list[RunShape]
    next_cursor: int | None = Field(description="Give it as `cursor` for the next page; null on the last one.")


class _RunsQuery(BaseModel):
    """Which runs."""

    model_config = ConfigDict(extra="forbid")

    schedule: Key | None = Field(default=None, description="The id of a schedule.")
    status: str = Field(default="", max_length=20, description="Of the job; or `skipped`.")
    cursor: Key | None = Field(default=None, description="`next_cursor` of the page before.")
    limit: Limit = 50

    @field_validator("status")
    @classmethod
    def _known(cls, value: str) -> str:
        return value if value in ("", "skipped") else parse_status(value).value


RunsQuery = create_model("RunsQuery", __base__=_RunsQuery, **scope_fields(Key | None, default=None))


@route(router, "GET", "/admin/job-runs", needs=READ_SCHEDULES, answers=RunPage, summary="List runs of schedules")
def list_runs(request: HttpRequest, query: Query[RunsQuery]) -> dict[str, Any]:  # type: ignore[valid-type]
    """What schedules did, the latest first, with the numbers that their jobs returned, also of deleted jobs."""
    given: Any = query
    scope = {one.name: key for one in scopes() if (key := getattr(given, one.api_name)) is not None}
    runs = find_runs(
        schedule=given.schedule, scope=scope, status=given.status, limit=given.limit + 1, before=given.cursor
    )
    shown = runs[: given.limit]
    return {"runs": [_run(run) for run in shown], "next_cursor": shown[-1].id if len(runs) > given.limit else None}


def _run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "schedule": run.schedule_id,
        "name": run.schedule,
        "scheduled_at": iso(run.scheduled_at),
        "fired_at": iso(run.fired_at),
        "trigger": run.trigger.value,
        "skipped": run.skipped.value if run.skipped else None,
        "times": run.times,
        "status": run.status.value if run.status else None,
        "job_id": str(run.job_id) if run.job_id else None,
        "started_at": iso(run.started_at),
        "finished_at": iso(run.finished_at),
        "duration_seconds": run.duration.total_seconds() if run.duration else None,
        "metrics": redact(dict(run.metrics)),
        "error": redact_text(run.error),
    }


class CycleShape(Answer):
    """One run of a worker for a request, a crontab or a person."""

    id: JobId
    source: str = Field(json_schema_extra=_SOURCES)
    started_by: str
    limit: int | None
    forced: bool = Field(description="Ran although everything was paused.")
    started_at: Moment
    finished_at: Moment | None
    duration_seconds: float
    status: str = Field(json_schema_extra=_CYCLES)
    status_code: int | None
    message: str
    processed: int
    succeeded: int
    failed: int
    errors: list[Json] = Field(description="The first that failed.")


class CyclePage(Answer):
    """Some cycles, the latest first."""

    runs: list[CycleShape]
    next_cursor: JobId | None = Field(description="Give it as `cursor` for the next page; null on the last one.")


class CyclesQuery(BaseModel):
    """Which cycles."""

    source: CycleSource | None = None
    cursor: UUID | None = Field(default=None, description="`nextCursor` of the page before.")
    limit: Limit = 50


@route(router, "GET", "/admin/cron/runs", needs=READ, answers=CyclePage, summary="List worker cycles")
def list_cycles(request: HttpRequest, query: Query[CyclesQuery]) -> dict[str, Any]:
    """What workers did that ran once, for an HTTP request, a crontab or a person, the latest first."""
    found = WorkerCycle.objects.order_by("-pk")
    if query.source is not None:
        found = found.filter(source=query.source)
    if query.cursor is not None:
        found = found.filter(pk__lt=query.cursor)
    cycles = list(found[: query.limit + 1])
    shown = cycles[: query.limit]
    more = len(cycles) > query.limit
    return {"runs": [_cycle(one) for one in shown], "nextCursor": str(shown[-1].pk) if more else None}


def _cycle(one: WorkerCycle) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "source": one.source,
        "startedBy": one.started_by,
        "limit": one.limit,
        "forced": one.is_forced,
        "startedAt": iso(one.started_at),
        "finishedAt": iso(one.finished_at),
        "durationSeconds": one.duration.total_seconds(),
        "status": one.status,
        "statusCode": one.status_code,
        "message": redact_text(one.message),
        "processed": one.processed,
        "succeeded": one.succeeded,
        "failed": one.failed,
        "errors": redact(one.errors),
    }
