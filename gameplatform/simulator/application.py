"""Decides for every request what is answered, and whether a fault strikes."""

import hmac
from collections.abc import Awaitable
from dataclasses import replace

from gameplatform.simulator.control import control
from gameplatform.simulator.mishaps import refusal
from gameplatform.simulator.routes import BASE_PATH, ROUTES
from gameplatform.simulator.simulation import Simulation
from gameplatform.simulator.wire import Answer, Request

ADMIN_PATH = "/__admin"
_PATHS = {path for _, path in ROUTES}


def respond(simulation: Simulation, request: Request) -> Answer | Awaitable[Answer]:
    """The answer to a request, at once or, for the costly truth, awaited."""
    if request.path.startswith(ADMIN_PATH):
        return control(simulation, request)
    simulation.counters.begin()
    path = _api_path(request.path)
    answer = _api(simulation, path, request)
    label = f"{request.method} {path}" if (request.method, path) in ROUTES else "other"
    simulation.counters.outcome(label, "dropped" if answer.dropped else str(answer.status))
    return replace(answer, counted=True)


def _api(simulation: Simulation, path: str | None, request: Request) -> Answer:
    endpoint = ROUTES.get((request.method, path or ""))
    if path is None or endpoint is None:
        return refusal(405, "Method Not Allowed") if path in _PATHS else refusal(404, "Not Found")

    def perform() -> Answer:
        return simulation.perform(endpoint, path, request)

    if not _authorized(request, simulation.token):
        return refusal(401, "Invalid or missing bearer token")
    return simulation.mishaps.befall(request, perform)


def _api_path(path: str) -> str | None:
    if path.startswith(BASE_PATH):
        rest = path.removeprefix(BASE_PATH)
        return rest or "/"
    return None


def _authorized(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
