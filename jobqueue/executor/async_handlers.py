"""Runs async handlers in the main thread of a child, each in an event loop of its own, and stops them when asked."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Any

from asgiref.sync import SyncToAsync

from jobqueue.exceptions import JobInterrupted
from jobqueue.executor.threads import Threads


class _Loop(asyncio.SelectorEventLoop):
    """Lends its own threads to `asyncio.to_thread` and to `sync_to_async(..., thread_sensitive=False)`."""

    def __init__(self, threads: Threads) -> None:
        super().__init__()
        self._threads = threads

    def run_in_executor[T, *Arguments](
        self, executor: Executor | None, func: Callable[[*Arguments], T], *args: *Arguments
    ) -> asyncio.Future[T]:
        """Call the function in a thread."""
        return super().run_in_executor(executor or self._threads, func, *args)


class AsyncHandlers:
    """Runs one async handler at a time.

    Synchronous code that it awaits runs in threads, the ORM's in a single one whose connection is kept from job to
    job, so that a child has two at most and opens none per job.
    """

    def __init__(self) -> None:
        self._threads = Threads()
        self._single = Threads(1, keeps_connections=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._interruption: JobInterrupted | None = None
        self._is_overdue = False

    def install(self) -> None:
        """Have `sync_to_async` use our single thread, in this process for good."""
        SyncToAsync.single_thread_executor = self._single

    def run(self, handler: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        """Run the handler to its end; nothing that it began goes on after that.

        Raises:
            JobInterrupted: it was interrupted and let that pass.
        """
        try:
            with asyncio.Runner(loop_factory=lambda: _Loop(self._threads)) as runner:
                return runner.run(self._watched(handler, arguments))
        finally:
            self._threads.settle()
            self._single.settle()

    def tidy(self) -> None:
        """Leave the single thread's database connections fit for the next job."""
        if self._interruption is None:
            self._single.tidy()

    def interrupt(self, interruption: JobInterrupted) -> bool:
        """Stop the running handler wherever it waits; False if none runs.

        It is cancelled when its loop turns. Until then it is overdue: a loop that does not turn stands in code that
        waits or computes without `await`, and into that only the caller can raise.
        """
        if self._loop is None:
            return False
        self._interruption, self._is_overdue = interruption, True
        self._loop.call_soon_threadsafe(self._cancel)
        return True

    def overdue(self) -> JobInterrupted | None:
        """The interruption that a loop that stands still has not heard of; given once."""
        if not self._is_overdue:
            return None
        self._is_overdue = False
        return self._interruption

    async def _watched(self, handler: Callable[..., Awaitable[Any]], arguments: tuple[Any, ...]) -> Any:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        try:
            return await handler(*arguments)
        except asyncio.CancelledError as cancelled:
            if self._interruption is None:
                raise
            # With the way that the cancellation came: it shows where the handler was.
            raise self._interruption.with_traceback(cancelled.__traceback__) from None
        finally:
            self._loop = self._task = None
            self._is_overdue = False

    def _cancel(self) -> None:
        self._is_overdue = False
        if self._task is None or self._interruption is None:
            return
        self._task.cancel()
        for threads in (self._threads, self._single):
            threads.interrupt(type(self._interruption))
