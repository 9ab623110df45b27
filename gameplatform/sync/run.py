"""The sync's loop: page of accounts, fetch, write, next page; resumable behind every page."""

from collections.abc import Sequence

import msgspec
from django.db import transaction
from django.utils import timezone

from gameplatform.conf import conf
from gameplatform.context import Job
from gameplatform.exceptions import GamePlatformError
from gameplatform.models import Account, SyncState
from gameplatform.providers.interface import Provider
from gameplatform.sync import journal
from gameplatform.sync.batch import BatchOutcome, write_batch
from gameplatform.sync.fetch import Fetched, fetch
from gameplatform.sync.options import SyncOptions
from gameplatform.sync.plan import Planner, event_is_live
from gameplatform.sync.pool import FetchPool
from gameplatform.sync.preview import preview_batch
from gameplatform.sync.result import Competitors, Failure, SyncResult
from gameplatform.sync.scope import accounts_of
from gameplatform.totals.change import CHANGES_SHOWN, AccountChange
from gameplatform.totals.sweep import TASK_TYPE as TOTALS_SWEEP

_FAILURES_SHOWN = 20


def synchronise(job: Job, options: SyncOptions, provider: Provider) -> SyncResult:
    """Sync every account in scope and close the provider.

    Raises:
        GamePlatformError: the platform as a whole cannot be used. What was written stays; another attempt
            of the job goes on there.
    """
    with FetchPool(provider, conf()) as pool:
        sync = _Sync(job, options, provider, pool)
        try:
            sync.work_off()
        except GamePlatformError as error:
            journal.stopped(sync.run, error)
            raise
        return sync.finish()


class _Sync:
    def __init__(self, job: Job, options: SyncOptions, provider: Provider, pool: FetchPool) -> None:
        self.run = journal.begin(job, options)
        self._job = job
        self._options = options
        self._provider = provider
        self._pool = pool
        self._live = event_is_live(self.run.started_at, conf())
        self._requests_counted = 0
        self._changes: list[AccountChange] = []

    def work_off(self) -> None:
        """Batch by batch, until no account is left behind the cursor."""
        if self.run.total:
            self._job.progress(self.run.done, self.run.total, "asking the platform")
        while accounts := self._next_page():
            planner = self._planner()
            fetched = self._pool.fetch([planner.plan(account) for account in accounts], fetch, self._heard)
            self.run.cursor = accounts[-1].pk
            outcome = self._preview(fetched) if self._options.dry_run else self._write(fetched)
            self._report(outcome)

    def finish(self) -> SyncResult:
        """Close the run; whose totals are outdated gets them by a sweep that starts behind this commit."""
        with transaction.atomic():
            journal.finish(self.run)
            if not self._options.dry_run:
                self._request_totals()
        return self._result()

    def _next_page(self) -> list[Account]:
        self._job.check_cancelled()
        accounts = accounts_of(self._options, self.run.started_at)
        page = accounts.select_related("sync_state").page(self.run.cursor, self._options.batch_size)
        return list(page)

    def _planner(self) -> Planner:
        return Planner(now=timezone.now(), conf=conf(), options=self._options, live=self._live)

    def _write(self, fetched: Sequence[Fetched]) -> BatchOutcome:
        with transaction.atomic():
            outcome = write_batch(fetched)
            journal.add(self.run, outcome, requests=self._new_requests())
        return outcome

    def _preview(self, fetched: Sequence[Fetched]) -> BatchOutcome:
        outcome, changes = preview_batch(fetched)
        self._changes += changes[: CHANGES_SHOWN - len(self._changes)]
        journal.add(self.run, outcome, requests=self._new_requests())
        return outcome

    def _new_requests(self) -> int:
        sent = self._provider.requests_sent
        new, self._requests_counted = sent - self._requests_counted, sent
        return new

    def _report(self, outcome: BatchOutcome) -> None:
        for fetched in outcome.failed:
            # Only what nobody foresaw needs its traceback.
            unforeseen = None if isinstance(fetched.error, GamePlatformError) else fetched.error
            self._job.log.warning(
                "Account %s failed: %s: %s",
                fetched.account_id,
                fetched.error_code,
                fetched.error,
                exc_info=unforeseen,
            )
        self._tell(self.run.done)

    def _heard(self, accounts: int) -> None:
        """A batch may take long at a slow platform: whoever watches sees it move, one short of what is written."""
        self._tell(self.run.done + accounts - 1)

    def _tell(self, done: int) -> None:
        run = self.run
        message = f"{run.solves_added} new solves, {run.failed} accounts failed"
        self._job.progress(done, max(run.total, done), message)

    def _request_totals(self) -> None:
        # A sweep of its own: one that is already running may be past accounts that this sync flagged.
        if SyncState.objects.in_scope(self._options.coach_id).flagged().exists():
            payload = {"coachId": self._options.coach_id, "syncJob": str(self._job.id)}
            self._job.enqueue(TOTALS_SWEEP, payload)

    def _result(self) -> SyncResult:
        run = self.run
        return SyncResult(
            competitors=Competitors(total=run.total, synced=run.synced, skipped=run.skipped, failed=run.failed),
            solves_added=run.solves_added,
            events_added=run.events_added,
            requests=run.requests,
            seconds=run.seconds,
            failures=msgspec.convert(run.failures[:_FAILURES_SHOWN], list[Failure]),
            dry_run=run.dry_run,
            changes=tuple(self._changes),
        )
