"""A schedule as the API shows it, in snake_case as its callers know it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from jobqueue.forecast import describe
from jobqueue.http.jobs.shapes import PRIORITIES
from jobqueue.http.shapes import Json, Moment
from jobqueue.management.printing import iso
from jobqueue.management.schedule_facts import state_of
from jobqueue.models import Schedule
from jobqueue.models.schedule import MissedPolicy, OverlapPolicy, ScheduleKind
from jobqueue.redaction import redact, redact_text
from jobqueue.scopes import Scope, scopes
from jobqueue.states import Priority

KINDS: dict[str, Any] = {"enum": ScheduleKind.values}
MISSED: dict[str, Any] = {"enum": MissedPolicy.values}
OVERLAP: dict[str, Any] = {"enum": OverlapPolicy.values}


class _Fields(BaseModel):
    """What every schedule has."""

    model_config = ConfigDict(extra="forbid")

    id: int
    name: str = Field(examples=["game_platform_sync for Lincoln High"])
    job_type: str = Field(examples=["game_platform_sync"])
    kind: str = Field(json_schema_extra=KINDS)
    cron_expression: str | None = Field(examples=["*/30 * * * *"])
    interval_seconds: float | None
    timezone: str = Field(examples=["America/New_York"])
    description: str = Field(description="Its times in words.", examples=["Every 30 minutes"])
    is_active: bool
    state: str = Field(examples=["active"])
    metadata: dict[str, Json] = Field(description="The jobs' payload; secrets masked.")
    queue: str
    priority: str = Field(json_schema_extra=PRIORITIES)
    max_attempts: int
    missed: str = Field(json_schema_extra=MISSED)
    missed_window_seconds: float
    missed_cap: int
    overlap: str = Field(json_schema_extra=OVERLAP)
    jitter_seconds: float
    grace_seconds: float
    starts_at: Moment | None
    ends_at: Moment | None
    next_run_at: Moment | None
    notes: str
    created_at: Moment
    created_by: int | None


def scope_fields(kind: Any, **more: Any) -> dict[str, Any]:
    """A field per scope of the project, for a model."""
    return {
        one.api_name: (kind, Field(description=f"For this {one.label.lower()} only; null for all.", **more))
        for one in scopes()
    }


ScheduleShape = create_model("ScheduleShape", __base__=_Fields, **scope_fields(int | None))


class SchedulePage(BaseModel):
    """Some schedules, by name."""

    schedules: list[ScheduleShape]  # type: ignore[valid-type]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null on the last one.")


def schedule_shape(schedule: Schedule) -> dict[str, Any]:
    """A schedule as `ScheduleShape`."""
    return {
        "id": schedule.pk,
        "name": schedule.name,
        "job_type": schedule.task_type,
        "kind": schedule.kind,
        "cron_expression": schedule.expression or None,
        "interval_seconds": schedule.interval.total_seconds() if schedule.interval else None,
        "timezone": schedule.timezone,
        "description": describe(schedule),
        "is_active": schedule.is_active,
        "state": state_of(schedule).rstrip("!"),
        "metadata": redact(schedule.payload),
        "queue": schedule.queue,
        "priority": Priority(schedule.priority).name,
        "max_attempts": schedule.max_attempts,
        "missed": schedule.missed,
        "missed_window_seconds": schedule.missed_window.total_seconds(),
        "missed_cap": schedule.missed_cap,
        "overlap": schedule.overlap,
        "jitter_seconds": schedule.jitter.total_seconds(),
        "grace_seconds": schedule.grace.total_seconds(),
        "starts_at": iso(schedule.starts_at),
        "ends_at": iso(schedule.ends_at),
        "next_run_at": iso(schedule.next_run_at),
        "notes": redact_text(schedule.notes),
        "created_at": iso(schedule.created_at),
        "created_by": schedule.created_by_id,
        **{one.api_name: _in_scope(schedule, one) for one in scopes()},
    }


def _in_scope(schedule: Schedule, one: Scope) -> int | None:
    # JSON written past the rules may be anything.
    key = schedule.scope.get(one.name) if isinstance(schedule.scope, dict) else None
    return key if type(key) is int else None
