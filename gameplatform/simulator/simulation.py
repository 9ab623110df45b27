"""One simulator's parts together: the platform, its clock, its faults, its counters and its memory."""

import time
from dataclasses import dataclass
from pathlib import Path

from gameplatform.simulator.admin_endpoints import add_solve
from gameplatform.simulator.answers import encode
from gameplatform.simulator.clock import Clock
from gameplatform.simulator.counters import Counters
from gameplatform.simulator.exceptions import RefusedError
from gameplatform.simulator.faults import Faults
from gameplatform.simulator.journal import Header, Journal
from gameplatform.simulator.mishaps import Mishaps, refusal
from gameplatform.simulator.platform import Platform
from gameplatform.simulator.routes import ROUTES, Endpoint
from gameplatform.simulator.wire import Answer, Request
from gameplatform.simulator.world import World

SOLVES_PATH, CLOCK_PATH = "/__admin/solves", "/__admin/clock"
_CHANGES = {path: endpoint for (method, path), endpoint in ROUTES.items() if method == "POST"}
_CHANGES[SOLVES_PATH] = add_solve


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Everything a request can touch."""

    platform: Platform
    clock: Clock
    mishaps: Mishaps
    counters: Counters
    token: str
    journal: Journal | None

    def perform(self, endpoint: Endpoint, path: str, request: Request) -> Answer:
        """Carry a call out, now, and remember it if it changed something."""
        now = self.clock.now()
        try:
            status, result = endpoint(self.platform, request, now)
        except RefusedError as refused:
            return refusal(refused.status, refused.detail)
        if path in _CHANGES and request.method == "POST":
            self.remember(now, path, request.body)
        return Answer(status=status, body=encode(result))

    def remember(self, at: int, path: str, body: bytes) -> None:
        """Write a change to the journal, if there is one."""
        if self.journal is not None:
            self.journal.write(at, path, body)

    def close(self) -> None:
        """Write down how far the clock came, and close the journal."""
        self.remember(self.clock.now(), CLOCK_PATH, b"{}")
        if self.journal is not None:
            self.journal.close()


def simulation(
    world: World,
    *,
    token: str = "demo-token",  # noqa: S107  the token of a play platform
    speed: float = 1.0,
    faults: Faults | None = None,
    opened_at: int | None = None,
    journal: Path | None = None,
) -> Simulation:
    """A simulator over a world, ready to be served.

    Args:
        world: who exists.
        token: what callers must send as bearer token.
        speed: simulated seconds a real second; 0 stands still.
        faults: those switched on from the start.
        opened_at: when the world opens and its clock starts, unix seconds; None: now.
        journal: a file to take earlier changes from and to add later ones to.

    Raises:
        JournalError: the file is of another world, or is no journal.
    """
    opened = int(time.time()) if opened_at is None else opened_at
    competitors, coaches = world.size
    header = Header(seed=world.seed, competitors=competitors, coaches=coaches, opened_at=opened)
    memory = None if journal is None else Journal(journal, header)
    platform = Platform(world, opened if memory is None else memory.header.opened_at)
    if memory is not None:
        _replay(platform, memory)
    return Simulation(
        platform=platform,
        clock=Clock(opened if memory is None else max(opened, memory.latest), speed),
        mishaps=Mishaps(world, faults or Faults()),
        counters=Counters(),
        token=token,
        journal=memory,
    )


def _replay(platform: Platform, journal: Journal) -> None:
    for entry in journal.entries:
        if entry.path in _CHANGES:
            request = Request(method="POST", path=entry.path, body=bytes(entry.body))
            _CHANGES[entry.path](platform, request, entry.at)
