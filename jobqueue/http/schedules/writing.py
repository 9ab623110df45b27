"""POST /admin/scheduled-jobs; PUT, PATCH, DELETE and trigger of one."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from ninja import Status

from jobqueue import operations
from jobqueue.audit import Actor
from jobqueue.declaring import check_schedule, new_schedule
from jobqueue.exceptions import InvalidScheduleError
from jobqueue.http.caller import ADD_SCHEDULES, CHANGE_SCHEDULES, DELETE_SCHEDULES, OPERATE, actor_of
from jobqueue.http.problems import ApiProblem, invalid
from jobqueue.http.routing import route
from jobqueue.http.schedules.bodies import FIELDS, ScheduleBody, ScheduleChange, given_in, of_schedule, set_fields
from jobqueue.http.schedules.reading import ScheduleId, find_schedule
from jobqueue.http.schedules.router import router
from jobqueue.http.schedules.shapes import ScheduleShape, schedule_shape
from jobqueue.http.shapes import Answer, Done, JobId
from jobqueue.models import Schedule
from jobqueue.scopes import scopes

_ONE = "/admin/scheduled-jobs/{schedule_id}"
_MOST_NAMESAKES = 100
_LONGEST_NAME = 100


class TriggeredJob(Answer):
    """The job of a schedule that was run by hand."""

    success: bool
    job_id: JobId
    created: bool
    message: str


@route(
    router,
    "POST",
    "/admin/scheduled-jobs",
    needs=ADD_SCHEDULES,
    answers={201: ScheduleShape},
    problems={409},
    summary="Create a scheduled job",
)
def create_schedule(request: HttpRequest, body: ScheduleBody) -> Status[Any]:  # type: ignore[valid-type]
    """Make a schedule. It needs `job_type`, and either `cron_expression` or `interval_seconds`."""
    given = given_in(body)
    schedule = new_schedule("", given["job_type"])
    set_fields(schedule, given)
    if not schedule.name:
        schedule.name = _free_name(given)
    _save(schedule, actor_of(request))
    return Status(201, schedule_shape(schedule))


@route(
    router,
    "PUT",
    _ONE,
    needs=CHANGE_SCHEDULES,
    answers=ScheduleShape,
    problems={404, 409},
    summary="Replace a scheduled job",
)
def replace_schedule(request: HttpRequest, schedule_id: ScheduleId, body: ScheduleBody) -> dict[str, Any]:  # type: ignore[valid-type]
    """Set all of a schedule: what is left out becomes as in a new one, but for its name."""
    with transaction.atomic():
        schedule = find_schedule(schedule_id, lock=True)
        given = given_in(body)
        fresh = new_schedule(schedule.name, given["job_type"])
        for field in FIELDS:
            setattr(schedule, field, getattr(fresh, field))
        set_fields(schedule, given)
        _save(schedule, actor_of(request))
    return schedule_shape(schedule)


@route(
    router,
    "PATCH",
    _ONE,
    needs=CHANGE_SCHEDULES,
    answers=ScheduleShape,
    problems={404, 409},
    summary="Change a scheduled job",
)
def change_schedule(request: HttpRequest, schedule_id: ScheduleId, body: ScheduleChange) -> dict[str, Any]:  # type: ignore[valid-type]
    """Set what is given, such as `{"is_active": false}`; the rest stays."""
    with transaction.atomic():
        schedule = find_schedule(schedule_id, lock=True)
        given = given_in(body)
        set_fields(schedule, given)
        # What is no longer valid, such as the task type, must not keep anybody from switching it off.
        _save(schedule, actor_of(request), judge=given.keys() - {"is_active"} != set() or schedule.is_active)
    return schedule_shape(schedule)


@route(
    router,
    "DELETE",
    _ONE,
    needs=DELETE_SCHEDULES,
    answers=Done,
    problems={404},
    summary="Delete a scheduled job",
)
def delete_schedule(request: HttpRequest, schedule_id: ScheduleId) -> dict[str, Any]:
    """Delete a schedule with its history; its jobs stay."""
    schedule = find_schedule(schedule_id)
    operations.delete_schedule(schedule, actor_of(request))
    return {"success": True, "message": f"The scheduled job {schedule.name} was deleted."}


@route(
    router,
    "POST",
    f"{_ONE}/trigger",
    needs=OPERATE,
    answers=TriggeredJob,
    problems={404, 409},
    summary="Run a scheduled job now",
)
def trigger_schedule(request: HttpRequest, schedule_id: ScheduleId) -> dict[str, Any]:
    """Enqueue the schedule's job now, beside its next run."""
    enqueued = operations.run_schedule(find_schedule(schedule_id), actor_of(request))
    joined = "Its job is unfinished and its only one: this is it."
    return {
        "success": True,
        "jobId": str(enqueued.id),
        "created": enqueued.created,
        "message": "The job was created." if enqueued.created else joined,
    }


def _save(schedule: Schedule, actor: Actor, *, judge: bool = True) -> None:
    if not (schedule.expression or schedule.interval):
        raise invalid({"cron_expression": "it is missing: expected this or interval_seconds"})
    try:
        with transaction.atomic():
            if judge:
                check_schedule(schedule)
            operations.save_schedule(schedule, actor)
    except InvalidScheduleError as error:
        raise _conflict_or(error) from None
    except IntegrityError:
        raise _taken(schedule.name) from None


def _conflict_or(error: InvalidScheduleError) -> ApiProblem:
    is_taken = "already exists" in error.problems.get("name", "")
    return ApiProblem(409, error.problems["name"], fields=error.problems) if is_taken else of_schedule(error)


def _taken(name: str) -> ApiProblem:
    return ApiProblem(409, f"There is a scheduled job called {name!r} already.", fields={"name": "it is taken"})


def _free_name(given: Mapping[str, Any]) -> str:
    """Such as "game_platform_sync customer 12", with a number if that is taken."""
    whom = [f"{one.api_name.removesuffix('_id')} {key}" for one in scopes() if (key := given.get(one.api_name))]
    base = " ".join([given["job_type"], *whom])[: _LONGEST_NAME - 5]
    taken = set(Schedule.objects.filter(name__startswith=base).values_list("name", flat=True))
    names = [base, *(f"{base} {number}" for number in range(2, _MOST_NAMESAKES))]
    return next((name for name in names if name not in taken), base)
