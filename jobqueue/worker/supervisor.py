"""The supervisor: one worker's life, from its registration to its end. The main thread runs its loop."""

import contextlib
import os
import selectors
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from enum import IntEnum
from uuid import UUID

from django.db import connection

from jobqueue import housekeeping
from jobqueue.claim import ClaimedJob
from jobqueue.conf import conf
from jobqueue.cycles.tally import Tally
from jobqueue.executor.process import resident_mib
from jobqueue.executor.zygote import Zygote
from jobqueue.worker.claimer import Claimer
from jobqueue.worker.crew import Crew
from jobqueue.worker.dispatcher import Dispatcher
from jobqueue.worker.heart import Heart
from jobqueue.worker.identity import deregister, register
from jobqueue.worker.listener import Listener
from jobqueue.worker.outbox import Batch, Outbox
from jobqueue.worker.prefetch import Durations
from jobqueue.worker.reporter import Reporter
from jobqueue.worker.service import Service, log
from jobqueue.worker.upkeep import Upkeep
from jobqueue.worker.writer import Writer

_LOOK_FOR_END = 0.02  # seconds


class Phase(IntEnum):
    """How far the worker is on its way to its end."""

    RUNNING = 0
    DRAINING = 1
    """Claims no more; what runs may end."""
    RETURNING = 2
    """What still runs is interrupted and handed back."""


class Supervisor:
    """Lets the services claim, write, beat and listen, and the crew run what was claimed.

    The services are threads. They call into this object only through `_call`, which has the main thread do it.
    """

    def __init__(
        self,
        zygote: Zygote,
        *,
        concurrency: int,
        queues: Sequence[str] = (),
        with_scheduler: bool = True,
        once: bool = False,
        limit: int | None = None,
        cycle: UUID | None = None,
        tally: Tally | None = None,
        despite_stop: bool = False,
    ) -> None:
        """
        Args:
            zygote: forks the children.
            concurrency: the number of children.
            queues: claim from these only; empty for all.
            once: run what is due now, then end.
            limit: claim at most this many in all.
            cycle, tally: the row of a cycle that is kept up to date, and what counts for it.
            despite_stop: claim also while everything is paused.
        """
        self._concurrency = concurrency
        self.worker = register(concurrency, queues)
        self._phase = Phase.RUNNING
        self._return_at = float("inf")
        self._is_condemned = False
        self._is_asked_to_stop = False
        self._is_once = once
        self._tally = tally
        self._settled_at: int | None = None
        self._has_crashed = False
        self._calls: deque[Callable[[], None]] = deque()
        self._woken, self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector = selectors.DefaultSelector()
        self._outbox, durations = Outbox(), Durations()
        self._crew = Crew(zygote, self._selector, self._outbox, durations)
        self._dispatcher = Dispatcher(self._crew, self._outbox, durations, concurrency, limit)
        self._claimer = Claimer(
            self.worker,
            queues,
            deliver=lambda jobs: self._call(lambda: self._deliver(jobs)),
            on_drained=lambda look: self._call(lambda: self._drained(look)) if once else None,
            reconcile=lambda held: self._call(lambda: self._reconcile(held)),
            on_crash=self._crashed,
            returned=self._outbox.returned,
            despite_stop=despite_stop,
        )
        self._writer = Writer(self.worker, self._outbox, self._written, self._crashed)
        self._heart = Heart(
            self.worker,
            self._vitals,
            on_cancel=lambda cancels: self._call(lambda: self._crew.cancel(dict(cancels))),
            on_condemned=lambda: self._call(self._condemned),
            on_crash=self._crashed,
        )
        self._services: list[Service] = [self._writer, self._claimer, self._heart]
        if cycle is not None and tally is not None:
            self._services.append(Reporter(cycle, self.worker, tally, self._crashed))
        if not once:
            self._services.append(Listener(self._claimer.wake, self._heart.poke, self._crashed))
            self._services.append(Upkeep(self._crashed, with_scheduler=with_scheduler))

    @property
    def jobs_claimed(self) -> int:
        """How many jobs it has claimed."""
        return self._dispatcher.jobs_claimed

    def run(self) -> bool:
        """Work until stopped; returns whether it was declared lost and should start anew.

        Raises:
            SystemExit: status 1 after a defect.
        """
        if self._is_once:
            housekeeping.keep()
        connection.close()  # registering needed it; the services have their own
        self._selector.register(self._woken, selectors.EVENT_READ, self._hear_calls)
        signals = (signal.SIGTERM, signal.SIGINT)
        previous = {number: signal.signal(number, self._on_signal) for number in signals}
        previous_fd = signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        try:
            self._crew.start(self._concurrency)
            for service in self._services:
                service.start()
            while not self._is_over():
                self._turn()
        finally:
            self._end()
            signal.set_wakeup_fd(previous_fd)
            for number, handler in previous.items():
                signal.signal(number, handler)
        if self._has_failed():
            raise SystemExit(1)
        return self._is_condemned and not self._is_asked_to_stop

    def _turn(self) -> None:
        if self._phase == Phase.RUNNING:
            self._ask_for_jobs()
        now = time.monotonic()
        if self._phase == Phase.DRAINING and now >= self._return_at:
            self._phase = Phase.RETURNING
            self._crew.give_back(conf().INTERRUPT_GRACE_SECONDS)
        soonest = min(self._crew.look_after(now), self._return_at if self._phase == Phase.DRAINING else now + 1)
        if self._is_once and not self._is_settled():
            soonest = min(soonest, now + _LOOK_FOR_END)
        for key, events in self._selector.select(max(0.0, soonest - now)):
            key.data(key.fileobj, events)

    def _ask_for_jobs(self) -> None:
        if self._dispatcher.has_reached_limit():
            if self._crew.is_idle():
                self._finish()
            return
        wanted = self._dispatcher.room()
        if wanted:
            self._dispatcher.asked(wanted)
            self._claimer.want(wanted)

    def _is_over(self) -> bool:
        if self._has_failed():
            return True
        return self._phase > Phase.RUNNING and self._crew.is_idle()

    def _has_failed(self) -> bool:
        return self._has_crashed or self._crew.has_failed

    # How it ends: first nothing more is claimed, then what is known is written, then everything is closed.

    def _on_signal(self, *_: object) -> None:
        # Between two turns: a message that is half written must not be met by another.
        self._call(self._stop)

    def _stop(self) -> None:
        self._is_asked_to_stop = True
        if self._phase == Phase.RUNNING:
            grace = conf().SHUTDOWN_GRACE_SECONDS
            log.info("Stopping: running jobs may end, within %.0f s.", grace)
            self._finish()
            self._return_at = time.monotonic() + grace
            self._crew.recall()
        else:
            self._phase = Phase.RETURNING
            self._crew.give_back(grace=0.0)

    def _finish(self) -> None:
        self._phase = max(self._phase, Phase.DRAINING)
        self._claimer.stop()

    def _end(self) -> None:
        self._crew.is_closing = True
        self._claimer.stop()
        if not self._has_failed():
            # A claim may have been under way: its jobs come as a call, and go back.
            self._claimer.join(timeout=conf().SHUTDOWN_GRACE_SECONDS)
            self._hear_calls()
        self._wait_for_writer()
        for service in self._services:
            service.stop()
        self._crew.close()
        for service in self._services:
            if service.is_alive():
                service.join(timeout=5)
        deregister(self.worker)
        self._selector.close()
        for fd in (self._woken, self._wake):
            os.close(fd)

    def _wait_for_writer(self) -> None:
        give_up_at = time.monotonic() + conf().SHUTDOWN_GRACE_SECONDS
        while not self._writer.is_done() and self._writer.is_alive():
            if time.monotonic() > give_up_at:
                log.error("The database stays away: the last outcomes are not stored, those jobs will run again.")
                return
            time.sleep(0.005)

    # What the services' threads ask for; the main thread does it.

    def _call(self, function: Callable[[], None]) -> None:
        self._calls.append(function)
        self._nudge()

    def _nudge(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self._wake, b"\0")

    def _hear_calls(self, *_: object) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._woken, 65_536)
        while self._calls:
            self._calls.popleft()()

    def _crashed(self) -> None:
        self._has_crashed = True
        self._nudge()

    def _condemned(self) -> None:
        # Its jobs are others' now. What it claimed since, under the identity that nobody watches any more, goes back.
        self._is_condemned = True
        self._finish()
        self._phase = Phase.RETURNING
        self._crew.give_back(grace=0.0)

    def _is_settled(self) -> bool:
        """Whether nothing is in hand; what came back unused is work again, and is in the table by then."""
        if not (self._crew.is_idle() and self._writer.is_done()):
            self._settled_at = None
        elif self._settled_at is None:
            self._settled_at = self._claimer.looks
            self._claimer.wake()
        return self._settled_at is not None

    def _drained(self, look: int) -> None:
        if self._settled_at is not None and look > self._settled_at:
            self._finish()

    def _vitals(self) -> tuple[int, int]:
        return self._crew.jobs_done, sum(map(resident_mib, [os.getpid(), *self._crew.pids()]))

    def _written(self, batch: Batch) -> None:
        if self._tally is not None:
            self._tally.written(batch.reports.values(), batch.releases)
        if batch.is_due_again:
            self._claimer.wake()
        if batch.is_large or batch.releases:
            self._nudge()  # it may ask for more work

    def _deliver(self, jobs: list[ClaimedJob]) -> None:
        self._settled_at = None
        if self._tally is not None:
            self._tally.claimed(jobs)
        if self._claimer.stopping.is_set():
            self._dispatcher.release(jobs)
        else:
            self._dispatcher.delivered(jobs)

    def _reconcile(self, held: list[tuple[str, int]]) -> None:
        known = set(self._crew.held())
        # Neither in a child nor on its way into the database: claimed, but the answer never came.
        strays = [(id_, claim) for id_, claim in held if (id_, claim) not in known and not self._writer.holds(id_)]
        if strays:
            self._outbox.release(strays)
