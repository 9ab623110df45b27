"""POST /admin/jobs/bulk-retry and /bulk-cancel: one verb for many jobs, and how far it is."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel

from jobqueue import bulk
from jobqueue.bulk import BulkOperation, BulkVerb, Selection
from jobqueue.http.caller import OPERATE, READ, actor_of
from jobqueue.http.jobs.shapes import STATUSES
from jobqueue.http.problems import ApiProblem
from jobqueue.http.routing import route
from jobqueue.http.shapes import Answer, Body, Flag, JobId, Reason, StrictKey, Time
from jobqueue.models.bulk_operation import ACTIVE, BulkState
from jobqueue.states import Status as JobStatus
from jobqueue.states import parse_status

router = Router(tags=["Many jobs"])

_VERBS: dict[str, Any] = {"enum": BulkVerb.values}
_STATES: dict[str, Any] = {"enum": BulkState.values}
_Word = Annotated[str, Field(min_length=1, max_length=100)]
_Words = Annotated[list[_Word], Field(max_length=50)]


class BulkFilter(Body):
    """Which jobs; all that is given must fit, and something must be given."""

    status: Annotated[list[_Word], Field(max_length=20)] = Field(
        default=[], json_schema_extra={"items": {"type": "string", **STATUSES}}
    )
    type: _Words = Field(default=[], description="Any of these task types.")
    queue: _Words = []
    error_code: _Words = []
    fingerprint: str = Field(default="", pattern="^([0-9a-f]{16})?$", description="Of the error.")
    since: Time | None = Field(
        default=None, description="Ended since, if only states in which jobs have ended are chosen; else created since."
    )
    until: Time | None = Field(default=None, description="The same, before.")
    user: StrictKey | None = Field(default=None, description="Enqueued on behalf of the user with this id.")
    schedule: StrictKey | None = Field(default=None, description="Enqueued by the schedule with this id.")
    tag: Annotated[str, Field(max_length=64)] = ""

    @field_validator("status")
    @classmethod
    def _known(cls, values: list[str]) -> list[str]:
        return [parse_status(value).value for value in values]


class BulkBody(Body):
    """Which jobs, by their ids or by a filter."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        json_schema_extra={
            "examples": [{"filter": {"status": ["failed"], "type": ["game_platform_sync"]}, "dryRun": True}]
        },
    )

    ids: Annotated[list[UUID], Field(max_length=10_000)] = []
    filter: BulkFilter | None = None
    dry_run: Flag = Field(default=False, description="Only count.")
    reason: Reason = ""


class BulkRetryBody(BulkBody):
    """Which jobs, and when they are due."""

    delay_seconds: Annotated[float, Field(ge=0, le=3_155_760_000, strict=True)] = 0


class BulkGroup(Answer):
    """Matching jobs that are alike."""

    task_type: str
    status: str
    error_code: str
    count: int


class BulkPreview(Answer):
    """What would be done, by the states of this moment."""

    dry_run: bool
    description: str = Field(examples=["failed jobs of game_platform_sync"])
    matched: int
    eligible: int = Field(description="So many would be moved or asked to stop.")
    requested: int = Field(description="Of these, running jobs that would be asked to stop.")
    skipped: dict[str, int] = Field(description="How many would be left alone, by reason.")
    groups: list[BulkGroup]


class BulkOutcome(Answer):
    """What was done so far."""

    success: bool
    operation_id: JobId
    verb: str = Field(json_schema_extra=_VERBS)
    state: str = Field(json_schema_extra=_STATES)
    matched: int
    done: int
    requested: int = Field(description="Running jobs that were asked to stop.")
    skipped: dict[str, int] = Field(description="How many were left alone, by reason.")
    progress: float = Field(description="From 0 to 1.", ge=0, le=1)
    job_id: JobId | None = Field(description="The background job that does it; null if it was done at once.")
    message: str = Field(examples=["4,998 retried, 2 skipped: running"])


_ANSWERS = {200: BulkOutcome | BulkPreview, 202: BulkOutcome}


@route(router, "POST", "/admin/jobs/bulk-retry", needs=OPERATE, answers=_ANSWERS, summary="Retry many")
def bulk_retry(request: HttpRequest, body: BulkRetryBody) -> Status[Any]:
    """Retry jobs by ids or by filter. More than 1,000 are done in the background (202): follow it at
    /api/admin/jobs/bulk/{operationId}. With `dryRun` only the exact numbers are returned.
    """
    return _act(request, BulkVerb.RETRY, body, timedelta(seconds=body.delay_seconds) if body.delay_seconds else None)


@route(router, "POST", "/admin/jobs/bulk-cancel", needs=OPERATE, answers=_ANSWERS, summary="Cancel many")
def bulk_cancel(request: HttpRequest, body: BulkBody) -> Status[Any]:
    """Cancel jobs by ids or by filter, and ask running ones to stop; else as bulk-retry."""
    return _act(request, BulkVerb.CANCEL, body, None)


@route(
    router,
    "GET",
    "/admin/jobs/bulk/{operation_id}",
    needs=READ,
    answers=BulkOutcome,
    problems={404},
    summary="Follow a bulk operation",
)
def show_bulk(request: HttpRequest, operation_id: UUID) -> dict[str, Any]:
    """How far a bulk operation is."""
    return _outcome(_find(operation_id))


@route(
    router,
    "POST",
    "/admin/jobs/bulk/{operation_id}/stop",
    needs=OPERATE,
    answers=BulkOutcome,
    problems={404},
    summary="Stop a bulk operation",
)
def stop_bulk(request: HttpRequest, operation_id: UUID) -> dict[str, Any]:
    """End a bulk operation after the batch that it is in; what is done stays done."""
    return _outcome(bulk.stop(_find(operation_id), actor_of(request)))


def _act(request: HttpRequest, verb: BulkVerb, body: BulkBody, delay: timedelta | None) -> Status[Any]:
    selection = _selection(body)
    if body.dry_run:
        return Status(200, _preview(verb, selection))
    operation = bulk.begin(verb, selection, actor_of(request), reason=body.reason, delay=delay)
    return Status(202 if operation.job_id else 200, _outcome(operation))


def _selection(body: BulkBody) -> Selection:
    chosen = body.filter or BulkFilter()
    return Selection(
        ids=tuple(body.ids),
        statuses=tuple(map(JobStatus, chosen.status)),
        task_types=tuple(chosen.type),
        queues=tuple(chosen.queue),
        error_codes=tuple(chosen.error_code),
        fingerprint=chosen.fingerprint,
        since=chosen.since,
        until=chosen.until,
        created_by=chosen.user,
        schedule=chosen.schedule,
        tag=chosen.tag,
    )


def _find(operation_id: UUID) -> BulkOperation:
    operation = BulkOperation.objects.filter(pk=operation_id).first()
    if operation is None:
        raise ApiProblem(404, f"There is no bulk operation {operation_id}.")
    return bulk.settle(operation) if operation.state in ACTIVE else operation


def _preview(verb: BulkVerb, selection: Selection) -> dict[str, Any]:
    found = bulk.preview(verb, selection)
    return {
        "dryRun": True,
        "description": found.description,
        "matched": found.matched,
        "eligible": found.eligible,
        "requested": found.requested,
        "skipped": dict(found.skipped),
        "groups": [
            {"taskType": one.task_type, "status": one.status.value, "errorCode": one.error_code, "count": one.count}
            for one in found.groups
        ],
    }


def _outcome(operation: BulkOperation) -> dict[str, Any]:
    dealt, total = bulk.progress(operation)
    is_over = operation.state not in ACTIVE
    return {
        "success": is_over or operation.job_id is not None,
        "operationId": str(operation.pk),
        "verb": operation.verb,
        "state": operation.state,
        "matched": operation.matched,
        "done": operation.done,
        "requested": operation.requested,
        "skipped": operation.skipped,
        "progress": min(1.0, dealt / total) if total else 1.0,
        "jobId": str(operation.job_id) if operation.job_id else None,
        "message": bulk.summary(operation),
    }
