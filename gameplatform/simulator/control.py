"""The simulator's own endpoints under /__admin: the truth, the clock, the faults, solves added by hand."""

from collections.abc import Awaitable
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from gameplatform.simulator.admin_endpoints import add_solve
from gameplatform.simulator.exceptions import RefusedError, invalid
from gameplatform.simulator.faults import Faults, changed
from gameplatform.simulator.mishaps import refusal
from gameplatform.simulator.simulation import CLOCK_PATH, SOLVES_PATH, Simulation
from gameplatform.simulator.truth import truth
from gameplatform.simulator.validation import body_object
from gameplatform.simulator.wire import Answer, Request

_LONGEST = 10 * 366 * 86_400  # seconds the clock may be moved at once


class Advance(Struct, frozen=True, forbid_unknown_fields=True):
    """How far to move the clock."""

    advance_seconds: Annotated[float, Meta(ge=0, le=_LONGEST)]


def control(simulation: Simulation, request: Request) -> Answer | Awaitable[Answer]:
    """Answer a request to one of the simulator's own endpoints; no token is asked for."""
    try:
        match request.method, request.path:
            case "GET", "/__admin/state":
                return _state(simulation, summary=request.query.get("summary", "0") not in ("", "0"))
            case "GET", "/__admin/clock":
                return _json(200, clock_of(simulation))
            case "POST", "/__admin/clock":
                return _json(200, _advance(simulation, request))
            case "POST", "/__admin/solves":
                return simulation.perform(add_solve, SOLVES_PATH, request)
            case (("GET" | "POST" | "DELETE"), "/__admin/faults"):
                return _json(200, _faults(simulation, request))
            case _:
                return refusal(404, "Not Found")
    except RefusedError as refused:
        return refusal(refused.status, refused.detail)


def clock_of(simulation: Simulation) -> dict[str, float]:
    """What the clock shows."""
    clock = simulation.clock
    return {"now_unix": clock.now(), "opened_at_unix": simulation.platform.opened_at, "speed": clock.speed}


async def _state(simulation: Simulation, *, summary: bool) -> Answer:
    clock = clock_of(simulation)
    figures = await truth(simulation.platform, int(clock["now_unix"]), summary=summary)
    competitors, coaches = simulation.platform.world.size
    world = {"seed": simulation.platform.world.seed, "competitors": competitors, "coaches": coaches}
    body: dict[str, Any] = {"world": world, "clock": clock, "requests": simulation.counters.report()}
    return _json(200, body | {"totals": figures.totals} | ({} if summary else {"users": figures.users}))


def _advance(simulation: Simulation, request: Request) -> dict[str, float]:
    body = body_object(request)
    try:
        step = msgspec.convert(body, Advance)
    except msgspec.ValidationError as error:
        raise invalid({"loc": ["body"], "msg": str(error), "type": "value_error"}) from None
    simulation.clock.advance(step.advance_seconds)
    simulation.remember(simulation.clock.now(), CLOCK_PATH, request.body)
    return clock_of(simulation)


def _faults(simulation: Simulation, request: Request) -> Faults:
    if request.method == "POST":
        simulation.mishaps.switch(changed(simulation.mishaps.faults, body_object(request)))
    if request.method == "DELETE":
        simulation.mishaps.switch(Faults())
    return simulation.mishaps.faults


def _json(status: int, body: object) -> Answer:
    return Answer(status=status, body=msgspec.json.encode(body))
