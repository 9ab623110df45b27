"""One child as the supervisor sees it: what it was handed, what it runs now and since when."""

import os
import signal
import socket
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from jobqueue.claim import ClaimedJob
from jobqueue.executor.channel import Incoming, ToChild, frame
from jobqueue.worker.prefetch import AHEAD_SECONDS


@dataclass
class Interruption:
    """A request to stop the running job that was sent to the child."""

    id: str
    kind: str
    reason: str
    kill_at: float
    """Monotonic seconds at which the child is killed if it still runs that job."""
    repeat_at: float


@dataclass(eq=False)
class Child:
    """One executor process. Times are monotonic seconds but for `head_started`."""

    socket: socket.socket
    pid: int = 0
    """0 until the zygote told it."""
    jobs: deque[tuple[ClaimedJob, float]] = field(default_factory=deque)
    """Handed over and not reported yet, with the expected seconds; the first is running."""
    ahead: float = 0.0
    """The expected seconds of all of them."""
    head_since: float = 0.0
    head_started: float = 0.0
    """When the first began, in seconds since 1970."""
    is_marked: bool = False
    """Whether the database was told that the first has begun."""
    is_recalled: bool = False
    """Whether the child was asked to drop what waits behind the first."""
    is_retiring: bool = False
    """Gets no more jobs and ends when it has none."""
    is_closed: bool = False
    exit_status: int | None = None
    interruption: Interruption | None = None
    jobs_done: int = 0
    weighed_at: float = 0.0
    incoming: Incoming = field(default_factory=Incoming)
    unsent: bytearray = field(default_factory=bytearray)

    @property
    def head(self) -> ClaimedJob | None:
        """The job it runs."""
        return self.jobs[0][0] if self.jobs else None

    def may_take(self, now: float) -> bool:
        """Whether it may get jobs: not behind one that takes longer than anybody should wait."""
        if self.is_retiring or self.is_closed or self.is_recalled:
            return False
        return not self.jobs or now - self.head_since < AHEAD_SECONDS

    def take(self, job: ClaimedJob, expected: float) -> None:
        """Note a job that is being handed over; `send` tells the child."""
        self.jobs.append((job, expected))
        self.ahead += expected
        if len(self.jobs) == 1:
            self._next_head()

    def drop(self, id_: str) -> ClaimedJob | None:
        """Forget a job, because it was reported or given back; returns it."""
        for at, (job, expected) in enumerate(self.jobs):
            if job.id == id_:
                del self.jobs[at]
                self.ahead = self.ahead - expected if self.jobs else 0.0
                if at == 0:
                    self._next_head()
                return job
        return None

    def _next_head(self) -> None:
        self.head_since, self.head_started = time.monotonic(), time.time()
        self.is_marked = self.is_recalled = False
        self.interruption = None

    def send(self, message: list[Any], *, urgent: bool = False) -> None:
        """Hand a message over without ever waiting for the child.

        Args:
            urgent: it must be heard while a handler runs.
        """
        self.unsent += frame(message)
        self.flush()
        if urgent:
            self.signal(signal.SIGUSR1)

    def flush(self) -> None:
        """Write as much as the child's buffer takes."""
        try:
            sent = self.socket.send(self.unsent)
        except BlockingIOError:
            return
        except OSError:
            sent = len(self.unsent)  # it died; the end of its stream is about to tell
        del self.unsent[:sent]

    def interrupt(self, kind: str, reason: str, grace: float) -> None:
        """Ask the running job to stop, and kill the child if it does not within `grace` seconds."""
        head, now = self.head, time.monotonic()
        if head is None:
            return
        if self.interruption is not None:
            self.interruption.kill_at = min(self.interruption.kill_at, now + grace)
            return
        self.interruption = Interruption(head.id, kind, reason, now + grace, now + 0.2)
        self.send([ToChild.INTERRUPT, head.id, kind, reason], urgent=True)

    def recall(self) -> None:
        """Ask for the jobs behind the running one."""
        self.is_recalled = True
        self.send([ToChild.RECALL], urgent=True)

    def signal(self, number: int) -> None:
        """Signal the child if it lives."""
        if self.pid and self.exit_status is None:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def kill(self) -> None:
        """Kill the child and what its handler forked; it leads a process group."""
        if self.pid and self.exit_status is None:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
