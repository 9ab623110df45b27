"""The pass of the collectors that make a call for each account."""

from collections.abc import Sequence
from logging import Logger
from uuid import UUID

from gameplatform.collection.call import Answered, Call, make
from gameplatform.collection.collectors import BY_ACCOUNT
from gameplatform.collection.options import CollectionOptions
from gameplatform.collection.store import store
from gameplatform.context import Job
from gameplatform.exceptions import GamePlatformError
from gameplatform.models import Account
from gameplatform.providers.interface import Provider
from gameplatform.sync.pool import FetchPool
from gameplatform.tally import Failure, Tally

_LONGEST_MESSAGE = 500


class ByAccount:
    """Fulfils `Pass`: collects, stores, and records who failed; the others go on.

    Args:
        job: whose snapshots they become.
        options: which collectors.
        provider: for the count of its requests.
        pool: makes the calls.
    """

    label = "Collecting"

    def __init__(self, job: Job, options: CollectionOptions, provider: Provider, pool: FetchPool) -> None:
        self._job_id: UUID = job.id
        self._log: Logger = job.log
        self._options = options
        self._provider = provider
        self._pool = pool
        self._collectors = [collector for collector in BY_ACCOUNT if collector in options.collectors]

    def work(self, accounts: Sequence[Account], tally: Tally) -> None:
        """One batch: all its calls, then one write."""
        calls = [
            Call(account=account, collector=collector, limits=self._options.limits)
            for account in accounts
            for collector in self._collectors
        ]
        sent = self._provider.requests_sent
        outcomes = list(zip(calls, self._pool.fetch(calls, make), strict=True))
        tally.requests += self._provider.requests_sent - sent
        harvest = {(call.account.pk, call.collector): one.found for call, one in outcomes if one.found is not None}
        tally.rows += len(harvest) if self._options.dry_run else store(harvest, job_id=self._job_id)
        tally.items += sum(found.items for found in harvest.values())
        for call, answered in outcomes:
            self._judge(call, answered, tally)

    def _judge(self, call: Call, answered: Answered, tally: Tally) -> None:
        error = answered.error
        if error is None:
            return
        if call.is_explained(error):
            tally.skipped += 1
            return
        failure = Failure(
            account=call.account.pk,
            collector=call.collector.value,
            code=answered.error_code,
            message=str(error)[:_LONGEST_MESSAGE],
        )
        tally.add_failure(failure)
        # Only what nobody foresaw needs its traceback.
        unforeseen = None if isinstance(error, GamePlatformError) else error
        self._log.warning(
            "Account %s failed: %s: %s: %s",
            failure.account,
            failure.collector,
            failure.code,
            error,
            exc_info=unforeseen,
        )
