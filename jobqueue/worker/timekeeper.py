"""The timekeeper: what a scheduler does every second, in a worker or alone."""

import os
import socket
import time
from collections.abc import Callable

from jobqueue import deadman, scheduler
from jobqueue.models.scheduler_beat import TickSource
from jobqueue.worker.service import Service, log

BETWEEN_TICKS = 1.0
_BETWEEN_BEATS = 10.0
_MOST_SKEW = 60.0
"""Seconds by which this host's clock may differ from the database's: one that is ahead fires what is not due."""
_BETWEEN_CHECKS = 30.0


class Timekeeper:
    """Ticks, and says from time to time that it is there."""

    def __init__(self, source: TickSource) -> None:
        self._source = source
        self._beat_at = float("-inf")
        self._skew = 0.0

    def turn(self) -> None:
        """One tick, unless this host's clock is wrong."""
        now = time.monotonic()
        is_beating = now - self._beat_at >= _BETWEEN_BEATS
        if is_beating:
            self._beat_at = now
            self._look_at_clock()
        if abs(self._skew) > _MOST_SKEW:
            return
        scheduler.tick()
        if is_beating:
            scheduler.beat(self._source, f"{socket.gethostname()}:{os.getpid()}")

    def _look_at_clock(self) -> None:
        self._skew = scheduler.clock_skew()
        if abs(self._skew) > _MOST_SKEW:
            log.error(
                "This host's clock is %.0f s %s the database's: it fires no schedules until they agree.",
                abs(self._skew),
                "ahead of" if self._skew > 0 else "behind",
            )


class LoneScheduler(Service):
    """The scheduler without a worker: ticks, and looks for schedules that are late."""

    def __init__(self, on_crash: Callable[[], None]) -> None:
        super().__init__("scheduler", on_crash)
        self._timekeeper = Timekeeper(TickSource.RUN_SCHEDULER)
        self._checked_at = float("-inf")

    def step(self) -> None:
        """One tick, then a second's rest."""
        self._timekeeper.turn()
        now = time.monotonic()
        if now - self._checked_at >= _BETWEEN_CHECKS:
            self._checked_at = now
            deadman.check()
        self.stopping.wait(BETWEEN_TICKS)
