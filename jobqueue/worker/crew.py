"""The crew: the supervisor's children from their birth to the settling of what they held."""

import selectors
import signal
import socket
import time
from collections import deque
from typing import Any

from jobqueue.conf import conf
from jobqueue.executor.channel import FromChild
from jobqueue.executor.process import resident_mib
from jobqueue.executor.zygote import Zygote
from jobqueue.worker import settle
from jobqueue.worker.child import Child
from jobqueue.worker.keeping import Keeping
from jobqueue.worker.outbox import Outbox
from jobqueue.worker.prefetch import AHEAD_SECONDS, Durations
from jobqueue.worker.service import log

_MARK_AFTER = 0.02  # seconds; shorter jobs are not worth a write of their own
_IDLE_WAIT = 1.0
_BETWEEN_WEIGHINGS = 1.0
_MOST_STILLBORN = 20  # children that end before their first job, in a row


class Crew:
    """All children of a supervisor. What they say goes to the outbox."""

    def __init__(self, zygote: Zygote, selector: selectors.BaseSelector, outbox: Outbox, durations: Durations) -> None:
        self._zygote = zygote
        self._selector = selector
        self._outbox = outbox
        self._durations = durations
        self._keeping = Keeping()
        self._unnamed: deque[Child] = deque()
        self._stillborn = 0
        self.children: list[Child] = []
        self.is_closing = False
        """Children that end are not replaced any more."""
        self.has_failed = False
        """No child can be kept alive: the worker must end."""
        self.jobs_done = 0
        self.jobs_returned = 0
        """Jobs that were handed out and came back unused."""

    def start(self, size: int) -> None:
        """Ask for the children."""
        self._selector.register(self._zygote.socket, selectors.EVENT_READ, self._hear_zygote)
        for _ in range(size):
            self._spawn()

    def takers(self) -> list[Child]:
        """The children that may get jobs."""
        now = time.monotonic()
        return [child for child in self.children if child.may_take(now)]

    def is_idle(self) -> bool:
        """Whether no child holds a job."""
        return not any(child.jobs for child in self.children)

    def held(self) -> list[tuple[str, int]]:
        """(id, claim) of all jobs that the children hold."""
        return [(job.id, job.claim) for child in self.children for job, _ in child.jobs]

    def pids(self) -> list[int]:
        """The processes, the zygote among them."""
        return [self._zygote.pid, *(child.pid for child in self.children if child.pid)]

    def watch(self, child: Child) -> None:
        """Have the selector tell when the child takes more, while something is unsent."""
        if not child.is_closed:
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if child.unsent else 0)
            key = self._selector.get_key(child.socket)
            if key.events != wanted:
                self._selector.modify(child.socket, wanted, key.data)

    def cancel(self, reasons: dict[str, str]) -> None:
        """Stop these jobs, by id with the reasons: what runs is interrupted, what waits comes back."""
        for child in self.children:
            head = child.head
            if head is not None and head.id in reasons:
                child.interrupt("cancel", reasons[head.id] or "Cancelled.", conf().INTERRUPT_GRACE_SECONDS)
            elif any(job.id in reasons for job, _ in child.jobs):
                child.recall()

    def recall(self) -> None:
        """Get back what the children have not begun."""
        for child in self.children:
            if len(child.jobs) > 1:
                child.recall()

    def give_back(self, grace: float) -> None:
        """Interrupt what runs, to hand it back; kill after `grace` seconds."""
        self.is_closing = True
        for child in self.children:
            child.interrupt("return", "The worker is stopping.", grace)

    def close(self) -> None:
        """Kill the children."""
        self.is_closing = True
        while self._unnamed and not self.has_failed:
            self._hear_zygote()
        for child in self.children:
            child.kill()
            child.socket.close()

    def look_after(self, now: float) -> float:
        """Do what time demands; returns the monotonic time at which it demands something again."""
        soonest = now + _IDLE_WAIT
        for child in self.children:
            if child.jobs:
                soonest = min(soonest, self._look_after(child, now))
        return soonest

    def _look_after(self, child: Child, now: float) -> float:
        if child.interruption is not None:
            return self._press(child, now)
        job, ran = child.jobs[0][0], now - child.head_since
        timeout = job.timeout or 0.0
        if ran >= timeout:
            grace = conf().INTERRUPT_GRACE_SECONDS
            child.interrupt("timeout", f"It ran longer than its timeout of {timeout:g} s.", grace)
            return now
        if not child.is_marked and ran >= _MARK_AFTER:
            child.is_marked = True
            self._outbox.mark(job.id, job.claim, job.number, child.head_started)
        if len(child.jobs) > 1 and not child.is_recalled and ran >= AHEAD_SECONDS:
            child.recall()
        dues = [timeout]
        if not child.is_marked:
            dues.append(_MARK_AFTER)
        if len(child.jobs) > 1 and not child.is_recalled:
            dues.append(AHEAD_SECONDS)
        return child.head_since + min(dues)

    def _press(self, child: Child, now: float) -> float:
        request = child.interruption
        if request is None:
            return now + _IDLE_WAIT
        if now >= request.kill_at:
            child.kill()
            return now + _IDLE_WAIT
        if now >= request.repeat_at:
            child.signal(signal.SIGUSR1)
            request.repeat_at = now + 0.2
        return min(request.repeat_at, request.kill_at)

    def _spawn(self) -> None:
        sock = self._zygote.spawn()
        sock.setblocking(False)
        child = Child(sock)
        self.children.append(child)
        self._unnamed.append(child)
        self._selector.register(sock, selectors.EVENT_READ, lambda _, events: self._hear_child(child, events))

    def _hear_zygote(self, *_: object) -> None:
        try:
            kind, pid, status = self._zygote.read()
        except (EOFError, OSError):
            log.error("The process that forks the children is gone; the worker stops.")
            self.has_failed = True
            return
        if kind == "spawned":
            self._unnamed.popleft().pid = pid
            return
        for child in self.children:
            if child.pid == pid:
                child.exit_status = status
                self._bury_if_gone(child)
                return

    def _hear_child(self, child: Child, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            child.flush()
            self.watch(child)
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
                _, id_, seconds, report, is_due_again = message
                job = child.drop(id_)
                if job is not None:
                    self._outbox.report(id_, report, is_due_again)
                    if not self._keeping.is_kept(job):
                        self._outbox.drop(id_)
                    self._durations.learn(job.task_type, seconds)
                    child.jobs_done += 1
                    self.jobs_done += 1
                    self._retire_if_spent(child)
            case FromChild.PROGRESS:
                self._outbox.progress(message[1], message[2:])
            case FromChild.CHECKPOINT:
                self._outbox.checkpoint(message[1], message[2:])
            case FromChild.LOG:
                self._outbox.log(*message[1:])
            case FromChild.DROPPED:
                self._take_back(child, message[1])
                self._retire_if_spent(child)
            case FromChild.LEAVING:
                child.is_retiring = True
                self._take_back(child, [job.id for job, _ in child.jobs])

    def _take_back(self, child: Child, ids: list[str]) -> None:
        for id_ in ids:
            head, is_marked = child.head, child.is_marked
            if head is not None and head.id == id_ and is_marked:
                self._outbox.report(id_, settle.not_begun(head, child), True)
            job = child.drop(id_)
            if job is None:
                continue
            self.jobs_returned += 1
            if job is not head or not is_marked:
                self._outbox.release([(job.id, job.claim)])

    def _bury_if_gone(self, child: Child) -> None:
        """Settle what a dead child held, once its last words are read and its end is known."""
        if not child.is_closed or child.exit_status is None:
            return
        head = child.head
        if head is not None:
            self._outbox.report(head.id, settle.died(head, child), True)
            child.drop(head.id)
            self.jobs_done += 1
        self._take_back(child, [job.id for job, _ in child.jobs])
        child.socket.close()
        self.children.remove(child)
        self._stillborn = 0 if child.jobs_done or head is not None else self._stillborn + 1
        if self._stillborn >= _MOST_STILLBORN:
            log.error("Children end before they run anything; the worker stops.")
            self.has_failed = True
        elif not self.is_closing:
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
