"""GET and POST /admin/jobs/processing: the switch "Automatic Processing", and pauses of a queue or a task type."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from jobqueue import operations
from jobqueue.conf import conf
from jobqueue.http.caller import OPERATE, READ, actor_of
from jobqueue.http.problems import ApiProblem, invalid
from jobqueue.http.routing import route
from jobqueue.http.shapes import Answer, Body, Flag, Moment
from jobqueue.management.printing import iso
from jobqueue.models import Job, Pause
from jobqueue.models.pause import PauseScope
from jobqueue.redaction import redact_text
from jobqueue.registry import registry

router = Router(tags=["Processing"])

_EVERYTHING = PauseScope.EVERYTHING.value
_MOST_WAITING = 10_000


class ProcessingBody(Body):
    """On or off."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        json_schema_extra={"examples": [{"enabled": False, "reason": "The platform is down.", "forSeconds": 3600}]},
    )

    enabled: Flag
    reason: Annotated[str, Field(max_length=500)] = Field(
        default="", description="Why it is paused; shown to everybody who wonders. Needed to pause."
    )
    scope: str = Field(
        default=_EVERYTHING,
        max_length=120,
        pattern="^(everything|queue:.+|task_type:.+)$",
        description="`everything`, or `queue:` or `task_type:` with a name.",
        examples=["queue:default"],
    )
    for_seconds: Annotated[int, Field(ge=1, le=31_622_400, strict=True)] | None = Field(
        default=None, description="The pause ends by itself after so long; else when somebody resumes."
    )


class PauseShape(Answer):
    """A pause in force."""

    scope: str = Field(examples=["queue:default"])
    reason: str
    since: Moment
    ends_at: Moment | None
    created_by: int | None


class ProcessingState(Answer):
    """What runs and what does not."""

    success: bool
    enabled: bool = Field(description="Whether anything runs: false while everything is paused or disabled.")
    disabled: bool = Field(description="By JOB_QUEUE_DISABLED, which no call can change.")
    pauses: list[PauseShape]
    waiting: int = Field(description=f"How many jobs wait; {_MOST_WAITING:,} is that or more.")
    message: str


@route(router, "GET", "/admin/jobs/processing", needs=READ, answers=ProcessingState, summary="Show what is paused")
def show_processing(request: HttpRequest) -> dict[str, Any]:
    """The switch "Automatic Processing", the pauses in force, and how much waits."""
    return _state("")


@route(
    router,
    "POST",
    "/admin/jobs/processing",
    needs=OPERATE,
    answers=ProcessingState,
    problems={409},
    summary="Pause or resume",
)
def set_processing(request: HttpRequest, body: ProcessingBody) -> dict[str, Any]:
    """Pause (`enabled` false) or resume everything, a queue, or a task type. Running jobs end; waiting ones stay, and
    schedules go on adding to them.
    """
    scope, name = _scope(body.scope)
    if body.enabled:
        if not operations.resume(actor_of(request), scope=scope, name=name):
            raise ApiProblem(409, f"{body.scope} is not paused.")
        return _state(f"Resumed: {body.scope}.")
    if not body.reason.strip():
        raise invalid({"reason": "it is missing: expected why, for everybody who wonders why nothing runs"})
    operations.pause(actor_of(request), reason=body.reason, scope=scope, name=name, ends_at=_end(body.for_seconds))
    return _state(f"Paused: {body.scope}.")


def _scope(text: str) -> tuple[PauseScope, str]:
    kind, _, name = text.partition(":")
    scope = PauseScope(kind)
    if scope == PauseScope.TASK_TYPE and name not in registry:
        known = ", ".join(one.name for one in registry)
        raise invalid({"scope": f"there is no task type {name!r}: expected one of {known}"})
    if len(name) > (64 if scope == PauseScope.QUEUE else 100):
        raise invalid({"scope": "the name is too long: expected at most 64 characters"})
    return scope, name


def _end(seconds: int | None) -> datetime | None:
    return timezone.now() + timedelta(seconds=seconds) if seconds else None


def _state(message: str) -> dict[str, Any]:
    in_force = Q(ends_at=None) | Q(ends_at__gt=timezone.now())
    pauses = list(Pause.objects.filter(in_force)[:100])
    is_stopped = any(one.scope == PauseScope.EVERYTHING for one in pauses)
    is_on = not (is_stopped or conf().DISABLED)
    return {
        "success": True,
        "enabled": is_on,
        "disabled": conf().DISABLED,
        "pauses": [_pause(one) for one in pauses],
        "waiting": Job.objects.waiting().order_by().values("pk")[:_MOST_WAITING].count(),
        "message": message or ("Processing is on." if is_on else "Nothing is processed."),
    }


def _pause(one: Pause) -> dict[str, Any]:
    return {
        "scope": f"{one.scope}:{one.name}" if one.name else one.scope,
        "reason": redact_text(one.reason),
        "since": iso(one.since),
        "endsAt": iso(one.ends_at),
        "createdBy": one.created_by_id,
    }
