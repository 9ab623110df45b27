"""GET /admin/jobs/health: is the queue well?"""

import threading
import time
from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from jobqueue import health
from jobqueue.conf import conf
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
    """The same as `manage.py job_health` and the admin's page, at most a second old. The status is 200 whatever the
    health; probes for load balancers are /health/live and /health/ready.
    """
    return _recent()


class _Answer:
    """The last answer, for as long as it may serve others."""

    lock = threading.Lock()
    given: dict[str, Any] | None = None
    at = 0.0


def _recent() -> dict[str, Any]:
    # A dozen monitors need no dozen looks a second; who comes while one looks, waits for what it finds.
    with _Answer.lock:
        if _Answer.given is None or time.monotonic() - _Answer.at >= conf().API_HEALTH_SECONDS:
            _Answer.given = health.check().to_json()
            _Answer.at = time.monotonic()
        return _Answer.given
