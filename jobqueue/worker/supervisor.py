"""The supervisor: hands claimed jobs to children and sees that each ends in exactly one outcome."""

import contextlib
import os
import selectors
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from jobqueue.claim import ClaimedJob
from jobqueue.conf import conf
from jobqueue.exceptions import UnknownTaskTypeError
from jobqueue.executor.channel import FromChild, ToChild
from jobqueue.executor.process import resident_mib
from jobqueue.executor.zygote import Zygote
from jobqueue.registry import registry
from jobqueue.worker import settle
from jobqueue.worker.claimer import Claimer
from jobqueue.worker.crew import Child
from jobqueue.worker.heart import Heart
from jobqueue.worker.identity import deregister, register
from jobqueue.worker.listener import Listener
from jobqueue.worker.outbox import Outbox
from jobqueue.worker.prefetch import AHEAD_SECONDS, BatchSize, Durations
from jobqueue.worker.service import Service, log
from jobqueue.worker.upkeep import Upkeep
from jobqueue.worker.writer import Writer

_MARK_AFTER = 0.02  # seconds; shorter jobs are not worth a write of their own
_IDLE_WAIT = 1.0
_BETWEEN_WEIGHINGS = 1.0
_MOST_STILLBORN = 20  # children that end before their first job, in a row


class Phase(IntEnum):
    """How far the worker is on its way to its end."""

    RUNNING = 0
    DRAINING = 1
    """Claims no more; what runs may end."""
    RETURNING = 2
    """What still runs is interrupted and handed back."""


class Supervisor:
    """One worker from its registration to its end. Everything here runs in the main thread."""

    def __init__(
        self,
        zygote: Zygote,
        *,
        concurrency: int,
        queues: Sequence[str] = (),
        with_scheduler: bool = True,
        once: bool = False,
        limit: int | None = None,
    ) -> None:
        """
        Args:
            zygote: forks the children.
            concurrency: the number of children.
            queues: claim from these only; empty for all.
            once: run what is due now, then end.
            limit: claim at most this many in all.
        """
        self._zygote = zygote
        self._concurrency = concurrency
        self._limit = limit
        self.worker = register(concurrency, queues)
        self._children: list[Child] = []
        self._unnamed: deque[Child] = deque()
        self._stillborn = 0
        self._durations = Durations()
        self._batch = BatchSize(concurrency)
        self._is_claiming = False
        self._wanted = 0
        self._timeouts: dict[str, float] = {}
        self._phase = Phase.RUNNING
        self._return_at = 0.0
        self._is_condemned = False
        self._has_crashed = False
        self._jobs_done = 0
        self.jobs_claimed = 0
        self._calls: deque[Callable[[], None]] = deque()
        self._woken, self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector = selectors.DefaultSelector()
        self._outbox = Outbox()
        self._writer = Writer(self.worker, self._outbox, self._crashed, self._nudge)
        self._claimer = Claimer(
            self.worker,
            queues,
            lambda jobs: self._call(lambda: self._delivered(jobs)),
            (lambda: self._call(self._finish_once)) if once else lambda: None,
            lambda held: self._call(lambda: self._reconcile(held)),
            self._crashed,
        )
        self._heart = Heart(
            self.worker,
            self._vitals,
            lambda cancels: self._call(lambda: self._cancel(cancels)),
            lambda: self._call(self._condemned),
            self._crashed,
        )
        self._services: list[Service] = [self._writer, self._claimer, self._heart]
        if not once:
            self._services.append(Listener(self._claimer.wake, self._heart.poke, self._crashed))
            if with_scheduler:
                self._services.append(Upkeep(self._crashed))

    # -- life ---------------------------------------------------------------------------------------------------

    def run(self) -> bool:
        """Work until stopped; returns whether it was declared lost and should start anew."""
        self._selector.register(self._woken, selectors.EVENT_READ, self._hear_calls)
        self._selector.register(self._zygote.socket, selectors.EVENT_READ, self._hear_zygote)
        previous = {number: signal.signal(number, self._on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
        previous_fd = signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        try:
            for _ in range(self._concurrency):
                self._spawn()
            for service in self._services:
                service.start()
            while not self._is_over():
                self._turn()
        finally:
            self._end()
            signal.set_wakeup_fd(previous_fd)
            for number, handler in previous.items():
                signal.signal(number, handler)
        if self._has_crashed:
            raise SystemExit(1)
        return self._is_condemned

    def _turn(self) -> None:
        self._ask_for_jobs()
        for key, events in self._selector.select(self._look_after_children()):
            key.data(key.fileobj, events)

    def _is_over(self) -> bool:
        if self._is_condemned or self._has_crashed:
            return True
        is_idle = not self._is_claiming and not any(child.jobs for child in self._children)
        return self._phase > Phase.RUNNING and is_idle

    def _end(self) -> None:
        self._claimer.stop()
        if not (self._is_condemned or self._has_crashed):
            self._hand_back_late_claims()
            self._wait_for_writer()
        for service in self._services:
            service.stop()
        while self._unnamed and not self._has_crashed:
            self._hear_zygote()
        for child in self._children:
            child.kill()
            child.socket.close()
        for service in self._services:
            service.join(timeout=5)
        if not self._is_condemned:
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

    def _hand_back_late_claims(self) -> None:
        self._claimer.join(timeout=10)
        self._hear_calls()
        held = [(job.id, job.claim) for child in self._children for job, _ in child.jobs]
        if held:
            self._outbox.release(held)

    def _on_signal(self, *_: object) -> None:
        if self._phase == Phase.RUNNING:
            self._drain()
        else:
            self._return(grace=0.0)

    def _finish_once(self) -> None:
        self._phase = max(self._phase, Phase.DRAINING)
        self._return_at = float("inf")
        self._claimer.stop()
        self._is_claiming = False

    def _return(self, grace: float) -> None:
        self._phase = Phase.RETURNING
        for child in self._children:
            child.interrupt("return", "The worker is stopping.", grace)

    def _drain(self) -> None:
        log.info("Stopping: running jobs may end, within %.0f s.", conf().SHUTDOWN_GRACE_SECONDS)
        self._phase = Phase.DRAINING
        self._return_at = time.monotonic() + conf().SHUTDOWN_GRACE_SECONDS
        self._claimer.stop()
        self._is_claiming = False
        for child in self._children:
            if len(child.jobs) > 1:
                child.recall()

    # -- calls from the services' threads -----------------------------------------------------------------------

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
        self._is_condemned = True

    def _vitals(self) -> tuple[int, int]:
        pids = [os.getpid(), self._zygote.pid, *(child.pid for child in self._children if child.pid)]
        return self._jobs_done, sum(resident_mib(pid) for pid in pids)

    def _cancel(self, cancels: list[tuple[str, str]]) -> None:
        reasons = dict(cancels)
        for child in self._children:
            head = child.head
            if head is not None and head.id in reasons:
                child.interrupt("cancel", reasons[head.id] or "Cancelled.", conf().INTERRUPT_GRACE_SECONDS)
            elif any(job.id in reasons for job, _ in child.jobs):
                child.recall()

    def _reconcile(self, held: list[tuple[str, int]]) -> None:
        known = {(job.id, job.claim) for child in self._children for job, _ in child.jobs}
        # Neither in a child nor on its way into the database: claimed, but the answer never came.
        strays = [pair for pair in held if tuple(pair) not in known and not self._writer.holds(pair[0])]
        if strays:
            self._outbox.release(strays)

    # -- claiming and handing out -------------------------------------------------------------------------------

    def _ask_for_jobs(self) -> None:
        if self._is_claiming or self._phase > Phase.RUNNING:
            return
        idle = sum(1 for child in self._children if not child.jobs and not child.is_retiring)
        ahead = sum(child.ahead for child in self._children)
        waiting = sum(len(child.jobs) for child in self._children)
        room = self._batch.jobs - waiting
        if not idle and (room < self._batch.jobs // 2 or ahead > self._concurrency * AHEAD_SECONDS / 2):
            return
        wanted = max(idle, room)
        if self._limit is not None:
            wanted = min(wanted, self._limit - self.jobs_claimed)
            if not wanted:
                self._finish_once()
        if wanted > 0:
            self._is_claiming, self._wanted = True, wanted
            self._claimer.want(wanted)

    def _delivered(self, jobs: list[ClaimedJob]) -> None:
        self._is_claiming = False
        self.jobs_claimed += len(jobs)
        if self._claimer.stopping.is_set():
            self._outbox.release([(job.id, job.claim) for job in jobs])
            return
        unused = self._hand_out(jobs)
        self._batch.learn(self._wanted, len(jobs), len(jobs) - len(unused))
        if unused:
            self._outbox.release([(job.id, job.claim) for job in unused])

    def _hand_out(self, jobs: Sequence[ClaimedJob]) -> list[ClaimedJob]:
        """Give the jobs to the least loaded children; returns those that found no room."""
        now = time.time()
        takers = [child for child in self._children if not child.is_retiring and not child.is_closed]
        handed: dict[int, list[ClaimedJob]] = {}
        for at, claimed in enumerate(jobs):
            if claimed.deadline is not None and claimed.deadline < now:
                self._outbox.report(claimed.id, settle.expired(claimed))
                continue
            job = claimed._replace(timeout=self._timeout(claimed))
            expected = self._durations.expected(job.task_type)
            child = min(takers, key=lambda taker: taker.ahead, default=None)
            if child is None or (child.jobs and child.ahead + expected > AHEAD_SECONDS):
                self._send(takers, handed)
                return list(jobs[at:])
            child.take(job, expected)
            handed.setdefault(id(child), []).append(job)
        self._send(takers, handed)
        return []

    def _send(self, takers: list[Child], handed: dict[int, list[ClaimedJob]]) -> None:
        for child in takers:
            if id(child) in handed:
                child.send([ToChild.JOBS, handed[id(child)]])
                self._watch(child)

    def _timeout(self, job: ClaimedJob) -> float:
        if job.timeout is not None:
            return job.timeout
        seconds = self._timeouts.get(job.task_type)
        if seconds is None:
            try:
                own = registry.get(job.task_type).timeout
            except UnknownTaskTypeError:
                own = None
            seconds = (own or conf().DEFAULT_TIMEOUT).total_seconds()
            self._timeouts[job.task_type] = seconds
        return seconds

    # -- children -----------------------------------------------------------------------------------------------

    def _spawn(self) -> None:
        sock = self._zygote.spawn()
        sock.setblocking(False)
        child = Child(sock)
        self._children.append(child)
        self._unnamed.append(child)
        self._selector.register(sock, selectors.EVENT_READ, lambda _, events: self._hear_child(child, events))

    def _watch(self, child: Child) -> None:
        if not child.is_closed:
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if child.unsent else 0)
            key = self._selector.get_key(child.socket)
            if key.events != wanted:
                self._selector.modify(child.socket, wanted, key.data)

    def _hear_zygote(self, *_: object) -> None:
        try:
            kind, pid, status = self._zygote.read()
        except (EOFError, OSError):
            log.error("The process that forks the children is gone; the worker stops.")
            self._has_crashed = True
            return
        if kind == "spawned":
            self._unnamed.popleft().pid = pid
            return
        for child in self._children:
            if child.pid == pid:
                child.exit_status = status
                self._bury_if_gone(child)
                return

    def _hear_child(self, child: Child, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            child.flush()
            self._watch(child)
        if events & selectors.EVENT_READ:
            try:
                is_open = child.incoming.read(child.socket)
            except BlockingIOError:
                return
            except OSError:
                is_open = False
            for message in child.incoming.messages():
                self._heard(child, message)
            if not is_open:
                child.is_closed = True
                self._selector.unregister(child.socket)
                self._bury_if_gone(child)

    def _heard(self, child: Child, message: list[Any]) -> None:
        match message[0]:
            case FromChild.REPORT:
                _, id_, seconds, report = message
                job = child.drop(id_)
                if job is not None:
                    self._outbox.report(id_, report)
                    self._durations.learn(job.task_type, seconds)
                    child.jobs_done += 1
                    self._jobs_done += 1
                    self._retire_if_spent(child)
            case FromChild.PROGRESS:
                self._outbox.progress(message[1], message[2:])
            case FromChild.CHECKPOINT:
                self._outbox.checkpoint(message[1], message[2:])
            case FromChild.LOG:
                self._outbox.log(*message[1:])
            case FromChild.DROPPED:
                jobs = [job for job in map(child.drop, message[1]) if job is not None]
                if jobs:
                    self._outbox.release([(job.id, job.claim) for job in jobs])

    def _bury_if_gone(self, child: Child) -> None:
        """Settle what a dead child held, once its last words are read and its end is known."""
        if not child.is_closed or child.exit_status is None:
            return
        head = child.head
        if head is not None:
            self._outbox.report(head.id, settle.died(head, child))
            child.drop(head.id)
            self._jobs_done += 1
        if child.jobs:
            self._outbox.release([(job.id, job.claim) for job, _ in child.jobs])
        child.socket.close()
        self._children.remove(child)
        self._stillborn = 0 if child.jobs_done or head is not None else self._stillborn + 1
        if self._stillborn >= _MOST_STILLBORN:
            log.error("Children end before they run anything; the worker stops.")
            self._has_crashed = True
        elif self._phase == Phase.RUNNING:
            self._spawn()

    def _retire_if_spent(self, child: Child) -> None:
        now = time.monotonic()
        if now - child.weighed_at >= _BETWEEN_WEIGHINGS:
            settings, child.weighed_at = conf(), now
            child.is_retiring = (
                child.jobs_done >= settings.CHILD_MAX_JOBS or resident_mib(child.pid) >= settings.CHILD_MAX_RSS_MIB
            )
        if child.is_retiring and not child.jobs:
            child.socket.shutdown(socket.SHUT_WR)

    def _look_after_children(self) -> float:
        """Do what time demands; returns the seconds until it demands something again."""
        now = time.monotonic()
        if self._phase == Phase.DRAINING and now >= self._return_at:
            self._return(conf().INTERRUPT_GRACE_SECONDS)
        soonest = now + _IDLE_WAIT
        if self._phase == Phase.DRAINING:
            soonest = min(soonest, self._return_at)
        for child in self._children:
            if child.jobs:
                soonest = min(soonest, self._look_after(child, now))
        return max(0.0, soonest - now)

    def _look_after(self, child: Child, now: float) -> float:
        job = child.jobs[0][0]
        ran = now - child.head_since
        if child.interruption is not None:
            return self._press(child, now)
        assert job.timeout is not None  # noqa: S101  _hand_out fills it in
        if ran >= job.timeout:
            child.interrupt(
                "timeout",
                f"It ran longer than its timeout of {job.timeout:g} s.",
                conf().INTERRUPT_GRACE_SECONDS,
            )
            return now
        if not child.is_marked and ran >= _MARK_AFTER:
            child.is_marked = True
            self._outbox.mark(job.id, job.claim, job.number, child.head_started)
        if len(child.jobs) > 1 and not child.is_recalled and ran >= AHEAD_SECONDS:
            child.recall()
        if not child.is_marked:
            return child.head_since + _MARK_AFTER
        if len(child.jobs) > 1 and not child.is_recalled:
            return child.head_since + AHEAD_SECONDS
        return child.head_since + job.timeout

    def _press(self, child: Child, now: float) -> float:
        request = child.interruption
        assert request is not None  # noqa: S101  the caller looked
        if now >= request.kill_at:
            child.kill()
            return now + _IDLE_WAIT
        if now >= request.repeat_at:
            child.signal(signal.SIGUSR1)
            request.repeat_at = now + 0.2
        return min(request.repeat_at, request.kill_at)
