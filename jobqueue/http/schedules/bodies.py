"""What is sent to make or change a schedule, and how it gets into one."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from jobqueue.exceptions import InvalidScheduleError
from jobqueue.http.jobs.shapes import PRIORITIES
from jobqueue.http.problems import ApiProblem, invalid
from jobqueue.http.schedules.shapes import MISSED, OVERLAP, scope_fields
from jobqueue.http.shapes import Flag, StrictKey, Time
from jobqueue.models import Schedule
from jobqueue.models.schedule import MissedPolicy, OverlapPolicy, ScheduleKind
from jobqueue.redaction import MASK
from jobqueue.scopes import scopes
from jobqueue.states import parse_priority

_Seconds = Annotated[float, Field(ge=0, le=316_224_000, strict=True)]
_Name = Annotated[str, Field(min_length=1, max_length=100)]


class _Change(BaseModel):
    """What can be set; only what is given becomes different."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"is_active": False}]})

    name: _Name | None = Field(default=None, description="Unique; made of the rest if a new one has none.")
    job_type: _Name | None = Field(default=None, description="The task type, such as game_platform_sync.")
    cron_expression: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        default=None, description="minute hour day month weekday. Or else:"
    )
    interval_seconds: Annotated[int, Field(ge=60, le=31_622_400, strict=True)] | None = Field(
        default=None, description="every so often."
    )
    timezone: Annotated[str, Field(max_length=64)] | None = Field(default=None, description="IANA name; default UTC.")
    is_active: Flag | None = None
    metadata: dict[str, Any] | None = Field(default=None, description="The jobs' payload.")
    queue: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    priority: str | None = Field(default=None, json_schema_extra=PRIORITIES)
    max_attempts: Annotated[int, Field(ge=1, le=32_767, strict=True)] | None = None
    missed: str | None = Field(default=None, json_schema_extra=MISSED)
    missed_window_seconds: _Seconds | None = None
    missed_cap: Annotated[int, Field(ge=1, le=1_000, strict=True)] | None = None
    overlap: str | None = Field(default=None, json_schema_extra=OVERLAP)
    jitter_seconds: _Seconds | None = None
    grace_seconds: _Seconds | None = None
    starts_at: Time | None = None
    ends_at: Time | None = None
    notes: Annotated[str, Field(max_length=10_000)] | None = None


class _Whole(_Change):
    """A whole schedule: what is left out is as in a new one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "job_type": "game_platform_sync",
                    "cron_expression": "*/30 * * * *",
                    "timezone": "America/New_York",
                    "is_active": True,
                    "metadata": {"dryRun": False},
                }
            ]
        },
    )

    job_type: _Name = Field(description="The task type, such as game_platform_sync.")


_SCOPES = scope_fields(StrictKey | None, default=None)
ScheduleChange = create_model("ScheduleChange", __base__=_Change, **_SCOPES)
ScheduleBody = create_model("ScheduleBody", __base__=_Whole, **_SCOPES)

_CLEARED_BY_NULL = {"starts_at", "ends_at"}


def given_in(body: BaseModel) -> dict[str, Any]:
    """What was sent; null says the same as nothing, but for what it clears."""
    clears = _CLEARED_BY_NULL | {one.api_name for one in scopes()}
    sent = {name: getattr(body, name) for name in body.model_fields_set}
    return {name: value for name, value in sent.items() if value is not None or name in clears}


def set_fields(schedule: Schedule, given: Mapping[str, Any]) -> None:
    """Set what is given in the schedule; nothing is judged but what cannot be said.

    Raises:
        ApiProblem: both ways to say its times, or words that nobody knows.
    """
    if given.get("cron_expression") is not None and given.get("interval_seconds") is not None:
        raise invalid({"interval_seconds": "expected this or cron_expression, not both"})
    for name, value in given.items():
        if name in _SETTERS:
            field, convert = _SETTERS[name]
            setattr(schedule, field, convert(value))
    if given.get("cron_expression") is not None:
        schedule.kind, schedule.interval = ScheduleKind.CRON, None
    if given.get("interval_seconds") is not None:
        schedule.kind, schedule.expression = ScheduleKind.INTERVAL, ""
    scope = dict(schedule.scope)
    for one in scopes():
        if one.api_name in given:
            scope.pop(one.name, None)
            if given[one.api_name] is not None:
                scope[one.name] = given[one.api_name]
    schedule.scope = scope


def _word(name: str, words: list[str]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in words:
            raise invalid({name: f"expected one of {', '.join(words)}"})
        return value

    return check


def _priority(value: str) -> int:
    try:
        return parse_priority(value).value
    except ValueError as error:
        raise invalid({"priority": str(error)}) from None


def _span(value: float) -> timedelta:
    return timedelta(seconds=value)


def _unmasked(value: dict[str, Any]) -> dict[str, Any]:
    if MASK in str(value):
        raise invalid({"metadata": "it holds secrets as they are shown, masked: expected them whole, or no metadata"})
    return value


def _same(value: Any) -> Any:
    return value


_SETTERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "name": ("name", _same),
    "job_type": ("task_type", _same),
    "cron_expression": ("expression", _same),
    "interval_seconds": ("interval", _span),
    "timezone": ("timezone", _same),
    "is_active": ("is_active", _same),
    "metadata": ("payload", _unmasked),
    "queue": ("queue", _same),
    "priority": ("priority", _priority),
    "max_attempts": ("max_attempts", _same),
    "missed": ("missed", _word("missed", MissedPolicy.values)),
    "missed_window_seconds": ("missed_window", _span),
    "missed_cap": ("missed_cap", _same),
    "overlap": ("overlap", _word("overlap", OverlapPolicy.values)),
    "jitter_seconds": ("jitter", _span),
    "grace_seconds": ("grace", _span),
    "starts_at": ("starts_at", _same),
    "ends_at": ("ends_at", _same),
    "notes": ("notes", _same),
}
"""By the API's name: the model's, and what to make of the value."""
FIELDS = {*(field for field, _ in _SETTERS.values()), "kind", "scope"}
"""The fields of the model that can be set."""
_API_NAMES = {field: name for name, (field, _) in _SETTERS.items()}


def of_schedule(error: InvalidScheduleError) -> ApiProblem:
    """What is wrong with a schedule, by the API's names."""
    whom = " or ".join(one.api_name for one in scopes()) or "scope"
    return invalid(
        {_API_NAMES.get(name, whom if name == "scope" else name): said for name, said in error.problems.items()}
    )
