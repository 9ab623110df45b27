"""GET /admin/scheduled-jobs and one of them."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query
from pydantic import BaseModel, ConfigDict, Field, create_model

from jobqueue.http.caller import READ_SCHEDULES
from jobqueue.http.problems import ApiProblem
from jobqueue.http.routing import route
from jobqueue.http.schedules.router import router
from jobqueue.http.schedules.shapes import SchedulePage, ScheduleShape, schedule_shape, scope_fields
from jobqueue.http.shapes import Key, Limit
from jobqueue.models import Schedule
from jobqueue.scopes import scopes

ScheduleId = Annotated[int, Path(ge=1, le=2**63 - 1)]


class _Query(BaseModel):
    """Which schedules."""

    model_config = ConfigDict(extra="forbid")

    job_type: str = Field(default="", max_length=100)
    is_active: bool | None = None
    cursor: str = Field(default="", max_length=100, description="`next_cursor` of the page before.")
    limit: Limit = 50


SchedulesQuery = create_model("SchedulesQuery", __base__=_Query, **scope_fields(Key | None, default=None))


@route(
    router, "GET", "/admin/scheduled-jobs", needs=READ_SCHEDULES, answers=SchedulePage, summary="List scheduled jobs"
)
def list_schedules(request: HttpRequest, query: Query[SchedulesQuery]) -> dict[str, Any]:  # type: ignore[valid-type]
    """The schedules that fit all filters, by name, a page at a time."""
    given: Any = query
    found = Schedule.objects.filter(name__gt=given.cursor).order_by("name")
    if given.job_type:
        found = found.filter(task_type=given.job_type)
    if given.is_active is not None:
        found = found.filter(is_active=given.is_active)
    scope = {one.name: key for one in scopes() if (key := getattr(given, one.api_name)) is not None}
    if scope:
        found = found.exclude(scope={}).filter(scope__contains=scope)  # as the partial index over scopes says it
    page = list(found[: given.limit + 1])
    shown = page[: given.limit]
    return {
        "schedules": [schedule_shape(one) for one in shown],
        "next_cursor": shown[-1].name if len(page) > given.limit else None,
    }


@route(
    router,
    "GET",
    "/admin/scheduled-jobs/{schedule_id}",
    needs=READ_SCHEDULES,
    answers=ScheduleShape,
    problems={404},
    summary="Show a scheduled job",
)
def show_schedule(request: HttpRequest, schedule_id: ScheduleId) -> dict[str, Any]:
    """One schedule."""
    return schedule_shape(find_schedule(schedule_id))


def find_schedule(schedule_id: int, *, lock: bool = False) -> Schedule:
    """The schedule with that id.

    Args:
        lock: until the end of the transaction nobody else changes it.

    Raises:
        ApiProblem: there is none.
    """
    found = Schedule.objects.select_for_update(of=("self",)) if lock else Schedule.objects.all()
    schedule = found.filter(pk=schedule_id).first()
    if schedule is None:
        raise ApiProblem(404, f"There is no scheduled job {schedule_id}: it was deleted, or there never was one.")
    return schedule
