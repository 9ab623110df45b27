"""Schedules said by code: made or brought to what is said, as often as it is said."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import connection, transaction

from jobqueue import cron as times
from jobqueue.exceptions import InvalidScheduleError
from jobqueue.models import Schedule
from jobqueue.models.schedule import MissedPolicy, OverlapPolicy, ScheduleKind
from jobqueue.operations import save_schedule
from jobqueue.payloads import Payload, to_json
from jobqueue.registry import registry
from jobqueue.states import Priority

# Who says the same at the same time waits, and then finds it said.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('jobqueue.schedule ' || %s, 0))"


class Options(TypedDict, total=False):
    """What else can be said of a schedule, by the names of `Schedule`; what is not said stays as it is."""

    scope: dict[str, int]
    queue: str
    priority: Priority
    max_attempts: int
    missed: MissedPolicy
    missed_window: timedelta
    missed_cap: int
    overlap: OverlapPolicy
    jitter: timedelta
    grace: timedelta
    starts_at: datetime | None
    ends_at: datetime | None
    is_active: bool
    notes: str


def schedule(
    name: str,
    task_type: str,
    *,
    cron: str | None = None,
    every: timedelta | None = None,
    timezone: str = "UTC",
    payload: Any = None,
    **options: Unpack[Options],
) -> Schedule:
    """Make the schedule of this name, or bring the one that there is to what is said here; no audit entry.

    For a `post_migrate` receiver or a command that seeds. What people have changed in what is said is set back; what is
    not said, such as whether it is switched on, is theirs.

    Args:
        cron: an expression such as "*/30 * * * *", in the time zone; or else
        every: so long from one run to the next, 1 minute to 366 days.
        payload: an instance of the task type's payload type, or a mapping with its JSON (camelCase) names.
        options: see `Options`; a new one has the queue and the priority of its task type.

    Raises:
        InvalidScheduleError: with all that is wrong; nothing is stored.
    """
    if (cron is None) == (every is None):
        raise InvalidScheduleError(name, {"cron": "expected either this or `every`."})
    said: dict[str, Any] = {"task_type": task_type, "timezone": timezone, **options}
    said |= {"kind": ScheduleKind.CRON if every is None else ScheduleKind.INTERVAL}
    said |= {"expression": cron or "", "interval": every}
    if payload is not None:
        said["payload"] = json.loads(to_json(payload, type(payload))) if isinstance(payload, Payload) else payload
    with transaction.atomic():
        return _store(name, said)


def new_schedule(name: str, task_type: str) -> Schedule:
    """One that is not stored yet, with the queue and the priority of its task type."""
    if task_type not in registry:
        return Schedule(name=name, task_type=task_type)
    known = registry.get(task_type)
    return Schedule(name=name, task_type=task_type, queue=known.queue, priority=known.priority)


def check_schedule(one: Schedule) -> None:
    """Judge all of it, and bring its expression into the usual form.

    Raises:
        InvalidScheduleError: with what is wrong, by field, and what would be right.
    """
    try:
        one.full_clean()
        times.zone_named(one.timezone)
    except ValidationError as error:
        # Of several about one field, the last is the schedule's own; those about all together follow from the others.
        problems = {field: messages[-1] for field, messages in error.message_dict.items()}
        whole = problems.pop(NON_FIELD_ERRORS, "")
        raise InvalidScheduleError(one.name, problems or {"schedule": whole}) from None
    except times.InvalidTimezoneError as error:
        raise InvalidScheduleError(one.name, {"timezone": str(error)}) from None
    except times.InvalidExpressionError as error:  # which only its start makes impossible
        raise InvalidScheduleError(one.name, {"starts_at": str(error)}) from None


def _store(name: str, said: Mapping[str, Any]) -> Schedule:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [name])
    known = Schedule.objects.select_for_update(of=("self",)).filter(name=name).first()
    one = known or new_schedule(name, said["task_type"])
    for field, value in said.items():
        setattr(one, field, value)
    check_schedule(one)
    save_schedule(one, None)
    return one
