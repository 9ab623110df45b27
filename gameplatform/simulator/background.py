"""A simulator in a thread of this process, on a free port: what tests and benchmarks talk to."""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gameplatform.simulator.routes import BASE_PATH
from gameplatform.simulator.server import serve
from gameplatform.simulator.simulation import Simulation


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Where it answers: `base_url` is the API's, `admin_url` the simulator's own (`/__admin`)."""

    base_url: str
    admin_url: str
    token: str


@contextmanager
def running(simulation: Simulation) -> Iterator[Running]:
    """Serve a simulation as long as the context lasts."""
    started: queue.SimpleQueue[tuple[str, Callable[[], object]]] = queue.SimpleQueue()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(simulation, started)), name="simulator", daemon=True)
    thread.start()
    base_url, stop = started.get(timeout=30)
    try:
        yield Running(
            base_url=base_url,
            admin_url=base_url.removesuffix(BASE_PATH) + "/__admin",
            token=simulation.token,
        )
    finally:
        stop()
        thread.join()


async def _serve(simulation: Simulation, started: "queue.SimpleQueue[tuple[str, Callable[[], object]]]") -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def listening(base_url: str) -> None:
        started.put((base_url, lambda: loop.call_soon_threadsafe(stop.set)))

    await serve(simulation, "127.0.0.1", 0, listening=listening, stop=stop)
