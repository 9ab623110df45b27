"""Fetches a batch of accounts concurrently; its threads never outlive the `with` block."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from types import TracebackType
from typing import Self

from gameplatform.conf import Conf
from gameplatform.providers.interface import Provider
from gameplatform.sync.fetch import Fetched, fetch
from gameplatform.sync.outage import OutageWatch
from gameplatform.sync.plan import Plan


class FetchPool:
    """Threads over one provider, which is closed with the pool.

    Args:
        provider: the platform.
        conf: how many accounts are fetched at the same time, and how patiently.
    """

    def __init__(self, provider: Provider, conf: Conf) -> None:
        self._provider = provider
        self._conf = conf
        self._threads = ThreadPoolExecutor(conf.CONCURRENCY, thread_name_prefix="gameplatform")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # Closing first ends the waits of calls under way.
        self._provider.close()
        self._threads.shutdown(cancel_futures=True)

    def fetch(self, plans: Sequence[Plan]) -> list[Fetched]:
        """What came in for each account, in the order of the plans.

        Who met nothing but bad luck gets a second round: among thousands of accounts, somebody's call fails
        every single time even on a platform that answers most calls.

        Raises:
            GamePlatformError: the platform as a whole cannot be used; see `OutageWatch`.
        """
        watch = OutageWatch(
            self._provider,
            patience=min(self._conf.CONCURRENCY, len(plans)),
            longest_pause=self._conf.RETRY_AFTER_CAP_SECONDS,
        )
        first = self._round(plans, watch)
        unlucky = [plan for plan, fetched in zip(plans, first, strict=True) if fetched.is_worth_repeating]
        second = iter(self._round(unlucky, watch))
        return [next(second) if fetched.is_worth_repeating else fetched for fetched in first]

    def _round(self, plans: Sequence[Plan], watch: OutageWatch) -> list[Fetched]:
        futures = [self._threads.submit(fetch, self._provider, plan) for plan in plans]
        for future in as_completed(futures):
            watch.saw(future.result().error)
        return [future.result() for future in futures]
