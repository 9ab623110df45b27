"""GET /admin/jobs/health: is the queue well?"""

from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from jobqueue import health
from jobqueue.health import Level
from jobqueue.http.caller import READ
from jobqueue.http.routing import route
from jobqueue.http.shapes import Answer

router = Router(tags=["Health"])

_LEVELS: dict[str, Any] = {"enum": [level.value for level in Level]}


class CheckShape(Answer):
    """The answer to one question."""

    level: str = Field(json_schema_extra=_LEVELS, examples=["healthy"])
    value: int | float | str | None = Field(description="A number, seconds, a time or a word.", examples=[12])
    message: str = Field(examples=["12 pending."])


class HealthShape(Answer):
    """All answers, and the worst of their levels."""

    status: str = Field(json_schema_extra=_LEVELS, examples=["healthy"])
    checks: dict[str, CheckShape] = Field(
        description="database, worker, workerLastPing, pendingJobs, runningJobs, failedJobs, deadJobs, "
        "oldestPendingJob, overdueJobs, stuckJobs, processing, scheduler, schedulerLastTick."
    )


@route(router, "GET", "/admin/jobs/health", needs=READ, answers=HealthShape, summary="Is the queue well?")
def show_health(request: HttpRequest) -> dict[str, Any]:
    """The same as `manage.py job_health` and the admin's page. The status is 200 whatever the health; probes for load
    balancers are /health/live and /health/ready.
    """
    return health.check().to_json()
