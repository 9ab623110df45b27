"""Makes the calls for a batch of accounts concurrently; its threads never outlive the `with` block."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from types import TracebackType
from typing import Self

from gameplatform.conf import Conf
from gameplatform.providers.interface import Provider
from gameplatform.sync.outage import OutageWatch
from gameplatform.sync.outcome import Outcome


class FetchPool:
    """Threads over one provider, which is closed with the pool.

    Args:
        provider: the platform.
        conf: how many plans are followed at the same time, and how patiently.
        parallel: False follows one plan after another.
    """

    def __init__(self, provider: Provider, conf: Conf, *, parallel: bool = True) -> None:
        self._provider = provider
        self._conf = conf
        self._threads = ThreadPoolExecutor(conf.CONCURRENCY if parallel else 1, thread_name_prefix="gameplatform")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # Closing first ends the waits of calls under way.
        self._provider.close()
        self._threads.shutdown(cancel_futures=True)

    def fetch[P, O: Outcome](
        self, plans: Sequence[P], follow: Callable[[Provider, P], O], heard: Callable[[int], None] = lambda plans: None
    ) -> list[O]:
        """What came in by each plan, in the order of the plans.

        Who met nothing but bad luck gets a second round: among thousands of accounts, somebody's call fails
        every single time even on a platform that answers most calls.

        Args:
            plans: what is to be called; one account's plan, or a part of it.
            follow: makes the calls of one plan, in a thread; no error leaves it.
            heard: told, in the caller's thread, for how many plans the platform has answered so far.

        Raises:
            GamePlatformError: the platform as a whole cannot be used; see `OutageWatch`.
        """
        watch = OutageWatch(
            self._provider,
            patience=min(self._conf.CONCURRENCY, len(plans)),
            longest_pause=self._conf.RETRY_AFTER_CAP_SECONDS,
        )
        first = self._round(plans, follow, watch, heard)
        unlucky = [plan for plan, outcome in zip(plans, first, strict=True) if outcome.is_worth_repeating]
        second = iter(self._round(unlucky, follow, watch, lambda plans: None))
        return [next(second) if outcome.is_worth_repeating else outcome for outcome in first]

    def _round[P, O: Outcome](
        self,
        plans: Sequence[P],
        follow: Callable[[Provider, P], O],
        watch: OutageWatch,
        heard: Callable[[int], None],
    ) -> list[O]:
        futures = [self._threads.submit(follow, self._provider, plan) for plan in plans]
        for number, future in enumerate(as_completed(futures), start=1):
            watch.saw(future.result().error)
            heard(number)
        return [future.result() for future in futures]
