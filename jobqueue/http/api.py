"""An API with the routes of the queue, to which a project may add its own."""

from typing import Any

import msgspec
from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.renderers import BaseRenderer

from jobqueue.http import audit_log, health, history, processing, run
from jobqueue.http.docs import LocalSwagger, members_only
from jobqueue.http.handlers import handle_problems
from jobqueue.http.jobs import bulk, creating, details, listing, own, verbs
from jobqueue.http.jobs.router import router as jobs
from jobqueue.http.parsing import StrictParser
from jobqueue.http.schedules import reading, writing
from jobqueue.http.schedules.router import router as schedules

_FILLED = (creating, listing, verbs, details, reading, writing)
"""The modules whose routes are in the routers of jobs and schedules."""
# Fixed addresses before those with an id in their place.
_ROUTERS = (
    run.router,
    health.router,
    processing.router,
    bulk.router,
    jobs,
    schedules,
    history.router,
    audit_log.router,
    own.router,
)


class _Renderer(BaseRenderer):
    """JSON by msgspec."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """The data as JSON."""
        return msgspec.json.encode(data)


def new_api(*, title: str, version: str, description: str) -> NinjaAPI:
    """An API that answers errors as `{error: {code, message, fields?}}`, with all routes of the queue.

    For `path("api/", api.urls)`; the addresses in this package's docstrings are beneath that. Put
    `jobqueue.http.middleware.JsonProblemsMiddleware` among the middleware.
    """
    api = NinjaAPI(
        title=title,
        version=version,
        description=description,
        docs=LocalSwagger(),
        docs_decorator=members_only,
        parser=StrictParser(),
        renderer=_Renderer(),
        urls_namespace="api",
    )
    handle_problems(api)
    return api


def add_routes(api: NinjaAPI) -> None:
    """Add the queue's routes, after those of the project that could be taken for a job's id."""
    for router in _ROUTERS:
        api.add_router("", router)
