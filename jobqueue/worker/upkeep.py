"""Upkeep: the schedule tick, every second, by whichever worker gets the lock."""

from collections.abc import Callable

from jobqueue import scheduler
from jobqueue.worker.service import Service

_BETWEEN_TICKS = 1.0


class Upkeep(Service):
    """Ticks the scheduler."""

    def __init__(self, on_crash: Callable[[], None]) -> None:
        super().__init__("upkeep", on_crash)

    def step(self) -> None:
        """One tick, then a second's rest."""
        scheduler.tick()
        self.stopping.wait(_BETWEEN_TICKS)
