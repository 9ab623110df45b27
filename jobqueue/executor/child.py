"""A child: runs the jobs it is handed, one at a time, until its supervisor closes the channel."""

import logging
import os
import random
import signal
import socket
import threading
import time
from collections import deque
from typing import Any, NoReturn

from jobqueue.claim import ClaimedJob
from jobqueue.conf import conf
from jobqueue.exceptions import JobCancelled, JobInterrupted, JobReturned, JobTimedOut
from jobqueue.executor.async_handlers import AsyncHandlers
from jobqueue.executor.channel import FromChild, Incoming, ToChild, frame
from jobqueue.executor.context import RunningJob
from jobqueue.executor.execution import Execution, interrupted
from jobqueue.executor.leftovers import tidy_connections
from jobqueue.executor.log_capture import LogCapture
from jobqueue.executor.log_fields import add_to_every_handler
from jobqueue.giving_up import tell_if_final
from jobqueue.reports import encode_report

INTERRUPTIONS: dict[str, type[JobInterrupted]] = {
    "cancel": JobCancelled,
    "timeout": JobTimedOut,
    "return": JobReturned,
}


def main(sock: socket.socket) -> None:
    """Serve the supervisor at the other end of the socket."""
    settings = conf()
    random.seed()  # forked siblings would otherwise draw the same numbers
    capture = LogCapture(settings.LOG_MAX_LINES)
    # The attempt itself says when it began and how it ended.
    capture.addFilter(lambda record: record.name not in ("django.tasks", "jobqueue.outcomes"))
    root = logging.getLogger()
    root.addHandler(capture)
    root.setLevel(min(root.level, logging.INFO) or logging.INFO)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # A process that a handler forks must not speak to the supervisor in this one's name.
    os.register_at_fork(after_in_child=sock.close)
    async_handlers = AsyncHandlers()
    async_handlers.install()
    execution = Execution(settings.RESULT_MAX_BYTES, async_handlers.run)
    child = Child(sock, execution, async_handlers, capture)
    add_to_every_handler(child.job)
    child.serve()


class Child:
    """The loop, and the way in for interruptions while a handler runs.

    The supervisor writes a message and sends SIGUSR1; the signal's handler reads the message and, if it is about
    the job that runs now, raises into it. An async handler is cancelled instead, for what runs at that moment may be
    its event loop; the supervisor signals again and again, and a loop that stands still is raised into after all.
    """

    def __init__(
        self, sock: socket.socket, execution: Execution, async_handlers: AsyncHandlers, capture: LogCapture
    ) -> None:
        self._socket = sock
        self._execution = execution
        self._async_handlers = async_handlers
        self._capture = capture
        self._incoming = Incoming()
        self._jobs: deque[ClaimedJob] = deque()
        self._current: ClaimedJob | None = None
        self._interruption: JobInterrupted | None = None
        self._is_signalled = False
        self._is_hearing = False
        self._sending = threading.Lock()

    def serve(self) -> None:
        """Run jobs until the channel closes, or until one was interrupted.

        A job that was interrupted may have left anything half done in this process, so a fresh one takes over.
        """
        signal.signal(signal.SIGUSR1, self._on_signal)
        while self._interruption is None:
            if self._is_signalled:
                self._hear(socket.MSG_DONTWAIT)
            elif self._jobs:
                self._run(self._jobs.popleft())
            elif not self._hear():
                return
        self._say([FromChild.LEAVING])

    def job(self) -> ClaimedJob | None:
        """The one that runs now."""
        return self._current

    def _run(self, job: ClaimedJob) -> None:
        started, began = time.time(), time.perf_counter()
        context = RunningJob(job, started, self._say)
        self._capture.begin()
        try:
            try:
                self._current = job
                report = self._execution.run(job, context, started)
            finally:
                self._current = None
            if self._interruption is not None:
                # The handler swallowed it and returned: it is stopped all the same.
                raise self._interruption
            context.say_rest()
        except JobInterrupted as interruption:
            self._interruption = interruption
            report = interrupted(job, started, interruption)
        lines = self._capture.end()
        if lines:
            self._say([FromChild.LOG, job.id, job.claim, lines])
        tidy_connections()
        self._async_handlers.tidy()
        seconds, is_due_again = time.perf_counter() - began, report.delay is not None
        self._say([FromChild.REPORT, job.id, seconds, encode_report(report), is_due_again])
        tell_if_final(report, job.task_type, self._execution.take_error(), may_wait=True)

    def _say(self, message: list[Any]) -> None:
        with self._sending:
            if self._current is not None:
                lines = self._capture.take()
                if lines:
                    self._socket.sendall(frame([FromChild.LOG, self._current.id, self._current.claim, lines]))
            if message:
                self._socket.sendall(frame(message))
        if self._current is not None and _in_main_thread():
            if self._is_signalled:
                self._hear(socket.MSG_DONTWAIT)
            self._raise_overdue()

    def _on_signal(self, *_: object) -> None:
        self._is_signalled = True
        # Not in the middle of a message of our own: whoever sends it listens afterwards. Nor while we listen.
        if self._current is not None and not self._sending.locked() and not self._is_hearing:
            self._raise_overdue()
            self._hear(socket.MSG_DONTWAIT)

    def _raise_overdue(self) -> None:
        overdue = self._async_handlers.overdue()
        if overdue is not None:
            raise overdue

    def _hear(self, flags: int = 0) -> bool:
        is_open, raising = True, None
        self._is_hearing = self._is_signalled = True
        try:
            while is_open and self._is_signalled:
                self._is_signalled = False
                is_open = self._incoming.read(self._socket, flags)
                flags = socket.MSG_DONTWAIT
                for message in self._incoming.messages():
                    raising = self._obey(message) or raising
        except BlockingIOError:
            pass
        finally:
            self._is_hearing = False
        if raising is not None and self._current is not None:
            self._interruption = raising
            if not self._async_handlers.interrupt(raising):
                raise raising
        return is_open

    def _obey(self, message: list[Any]) -> JobInterrupted | None:
        match message:
            case [ToChild.JOBS, rows]:
                self._jobs.extend(ClaimedJob._make(row) for row in rows)
            case [ToChild.RECALL]:
                self._drop([job.id for job in self._jobs])
            case [ToChild.INTERRUPT, id_, kind, reason]:
                if self._current is not None and self._current.id == id_:
                    return INTERRUPTIONS[kind](reason)
                self._drop([job.id for job in self._jobs if job.id == id_])
            case _:
                _refuse(message)
        return None

    def _drop(self, ids: list[str]) -> None:
        self._jobs = deque(job for job in self._jobs if job.id not in ids)
        with self._sending:
            self._socket.sendall(frame([FromChild.DROPPED, ids]))


def _refuse(message: list[Any]) -> NoReturn:
    raise ValueError(f"The supervisor said {message[:1]!r}, which no child understands.")


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
