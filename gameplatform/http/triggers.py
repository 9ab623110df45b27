"""POST /admin/jobs/trigger-sync and /trigger-totals-sweep: the two jobs that operators start by hand."""

from typing import Annotated, Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest
from ninja import Router
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from gameplatform.jobs import SyncPayload, TotalsPayload
from gameplatform.totals.sweep import TASK_TYPE as TOTALS_SWEEP
from jobqueue.http.caller import OPERATE
from jobqueue.http.creation import create_by_request
from jobqueue.http.problems import invalid
from jobqueue.http.routing import route
from jobqueue.http.shapes import Answer, Body, Flag, JobId, StrictKey

router = Router(tags=["Game platform"])


class SyncBody(Body):
    """What to sync."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        json_schema_extra={"examples": [{"dryRun": False, "coachId": None}]},
    )

    dry_run: Flag = Field(default=False, description="Do everything, then take it back; the result says what would be.")
    coach_id: StrictKey | None = Field(default=None, description="Only this coach's competitors; null for all.")
    force_full_sync: Flag = Field(default=False, description="From the beginning, whatever is known already.")


class TotalsBody(Body):
    """Whose totals to add up."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        json_schema_extra={"examples": [{"dryRun": False, "coachId": None, "batchSize": 100}]},
    )

    dry_run: Flag = Field(default=False, description="Only tell what would change.")
    coach_id: StrictKey | None = Field(default=None, description="Only this coach's competitors; null for all.")
    batch_size: Annotated[int, Field(ge=1, le=1_000, strict=True)] = Field(default=100, description="Accounts at once.")
    force_all: Flag = Field(default=False, description="Also accounts whose totals are known to be right.")


class Triggered(Answer):
    """The job that does it."""

    success: bool = Field(examples=[True])
    job_id: JobId
    message: str = Field(examples=["The sync was started."])


@route(router, "POST", "/admin/jobs/trigger-sync", needs=OPERATE, answers=Triggered, summary="Sync solves and scores")
def trigger_sync(request: HttpRequest, body: SyncBody = SyncBody()) -> dict[str, Any]:  # noqa: B008
    """Start a sync of solves and scores; if one that does as much waits or runs already, that one is named."""
    _check_coach(body.coach_id)
    # Whoever asks wants it now, and not when each account is due.
    payload = SyncPayload(
        dry_run=body.dry_run,
        coach_id=body.coach_id,
        force_full_sync=body.force_full_sync,
        include_not_due=True,
    )
    return _start(request, "game_platform_sync", payload, "sync")


@route(
    router,
    "POST",
    "/admin/jobs/trigger-totals-sweep",
    needs=OPERATE,
    answers=Triggered,
    summary="Add up totals",
)
def trigger_totals_sweep(request: HttpRequest, body: TotalsBody = TotalsBody()) -> dict[str, Any]:  # noqa: B008
    """Start adding up the totals of accounts that changed; if the same waits or runs already, that one is named."""
    _check_coach(body.coach_id)
    payload = TotalsPayload(
        dry_run=body.dry_run, coach_id=body.coach_id, batch_size=body.batch_size, force_all=body.force_all
    )
    return _start(request, TOTALS_SWEEP, payload, "totals sweep")


def _check_coach(coach_id: int | None) -> None:
    if coach_id is not None and not get_user_model().objects.filter(pk=coach_id).exists():
        raise invalid({"coachId": f"there is no coach {coach_id}: expected the id of a user, or null for all"})


def _start(request: HttpRequest, task_type: str, payload: Any, what: str) -> dict[str, Any]:
    enqueued = create_by_request(request, task_type, payload)
    joined = f"A {what} that does as much waits or runs already: this is it."
    message = f"The {what} was started." if enqueued.created else joined
    return {"success": True, "jobId": str(enqueued.id), "message": message}
