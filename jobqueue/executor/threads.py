"""Threads for the synchronous code that async handlers call: they can be stopped, and leave no connection open."""

import contextlib
import ctypes
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from jobqueue.executor.leftovers import drop_connections, tidy_connections

_CANCEL_SECONDS = 1.0  # that a server has to take note of it
_raise_in_thread = ctypes.pythonapi.PyThreadState_SetAsyncExc


class Threads(ThreadPoolExecutor):
    """A pool that knows which of its threads work, and on what."""

    def __init__(self, size: int | None = None, *, keeps_connections: bool = False) -> None:
        """`keeps_connections` is for a single thread, whose connections one call after the other may use."""
        super().__init__(size, thread_name_prefix="jobqueue-sync")
        self._keeps_connections = keeps_connections
        self._guard = threading.Lock()
        self._busy: set[int] = set()
        self._connections: dict[int, BaseDatabaseWrapper] = {}
        self._unfinished: set[Future[Any]] = set()
        self._is_used = False
        connection_created.connect(self._opened)

    def submit[T](self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Have a thread call the function."""
        self._is_used = True
        future = super().submit(self._call, function, *args, **kwargs)
        self._unfinished.add(future)
        future.add_done_callback(self._unfinished.discard)
        return future

    def _call[T](self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        me = threading.get_ident()
        with self._guard:
            self._busy.add(me)
        try:
            return function(*args, **kwargs)
        finally:
            with self._guard:
                self._busy.discard(me)
                if not self._keeps_connections:
                    self._connections.pop(me, None)
            if not self._keeps_connections:
                # Nobody can tell which call the same thread will get next, nor when.
                drop_connections()

    def _opened(self, *, connection: BaseDatabaseWrapper, **_: object) -> None:
        if threading.get_ident() in self._busy:
            self._connections[threading.get_ident()] = connection

    def interrupt(self, interruption: type[BaseException]) -> None:
        """Raise this in the threads that work, at their next step of Python code; a query that they wait for ends."""
        with self._guard:
            for thread in self._busy:
                _raise_in_thread(ctypes.c_ulong(thread), ctypes.py_object(interruption))
            waiting = [self._connections[thread] for thread in self._busy if thread in self._connections]
        for connection in waiting:
            # The driver waits in C, and the server would go on without anybody to answer.
            with contextlib.suppress(Exception):
                connection.connection.cancel_safe(timeout=_CANCEL_SECONDS)

    def settle(self) -> None:
        """Wait until nothing runs."""
        if self._unfinished:
            wait(list(self._unfinished))

    def tidy(self) -> None:
        """Leave the thread's connections fit for the next job, if this one used it."""
        if self._is_used and all(future.done() for future in list(self._unfinished)):
            self.submit(tidy_connections).result()
            self._is_used = False
