"""Upkeep: what the clock demands of the queue, by whichever worker gets to it first."""

import time
from collections.abc import Callable

from jobqueue import deadman, housekeeping
from jobqueue.models.scheduler_beat import TickSource
from jobqueue.worker.service import Service
from jobqueue.worker.timekeeper import BETWEEN_TICKS, Timekeeper

_BETWEEN_SWEEPS = 30.0


class Upkeep(Service):
    """Ticks the scheduler and keeps house."""

    def __init__(self, on_crash: Callable[[], None], *, with_scheduler: bool) -> None:
        super().__init__("upkeep", on_crash)
        self._timekeeper = Timekeeper(TickSource.WORKER) if with_scheduler else None
        self._swept_at = 0.0

    def step(self) -> None:
        """One tick, then a second's rest."""
        if self._timekeeper:
            self._timekeeper.turn()
        now = time.monotonic()
        is_sweeping = now - self._swept_at >= _BETWEEN_SWEEPS
        if is_sweeping:
            self._swept_at = now
            deadman.check()
        housekeeping.keep(sweep=is_sweeping)
        self.stopping.wait(BETWEEN_TICKS)

    def reconnected(self) -> None:
        """An outage may have kept somebody from settling what had ended."""
        self._swept_at = 0.0
