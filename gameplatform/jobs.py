"""The task types of this app: each handler turns its payload into one call of the app's own code."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from msgspec import Meta
from msgspec.structs import replace

from gameplatform.conf import conf
from gameplatform.exceptions import IntegrationDisabled, RateLimited
from gameplatform.payloads import CollectionAndScoringPayload, CollectionPayload, ScoringPayload, order_of
from gameplatform.providers import provider
from gameplatform.scheduled import collect_and_score
from gameplatform.summaries import of_scheduled, of_sweep, of_sync
from gameplatform.sync.options import TASK_TYPE as SYNC
from gameplatform.sync.options import SyncOptions
from gameplatform.sync.result import SyncResult
from gameplatform.sync.run import synchronise
from gameplatform.tally import ScheduledResult
from gameplatform.totals.sweep import TASK_TYPE as TOTALS_SWEEP
from gameplatform.totals.sweep import SweepOptions, SweepResult, sweep
from jobqueue.exceptions import CancelJob, RetryLater
from jobqueue.registry import JobContext, Payload, exponential, job_handler

# None of these passes by itself; NOT_FOUND means a wrong address, NOT_CONFIGURED a missing token.
_NEVER_RETRIED = frozenset({"AUTH_ERROR", "VALIDATION_ERROR", "NOT_FOUND", "NOT_CONFIGURED", "UNKNOWN_SCOPE"})
_LONGEST_PAUSE = timedelta(days=1)

type BatchSize = Annotated[int, Meta(ge=1, le=1_000, description="accounts at a time")]
type DryRun = Annotated[bool, Meta(description="changes nothing, and reports what would change")]


class SyncPayload(Payload, frozen=True):
    """`coachId` limits the sync to one coach's competitors; a limited or forced sync takes those not due too, and so
    does one with `includeNotDue`, which fetches no more of them than is new.
    """

    dry_run: DryRun = False
    coach_id: int | None = None
    force_full_sync: Annotated[bool, Meta(description="fetches whole histories again")] = False
    force_flash_ctf_sync: Annotated[bool, Meta(description="asks for everybody's events again")] = False
    include_not_due: Annotated[bool, Meta(description="takes all accounts, whosever turn it is")] = False
    batch_size: BatchSize | None = None


class TotalsPayload(Payload, frozen=True):
    """`forceAll` takes accounts that are not flagged too.

    `syncJob` and `after` are set by jobs: by a sync for its own sweep, by a sweep for the child that goes on.
    """

    dry_run: DryRun = False
    coach_id: int | None = None
    batch_size: BatchSize | None = None
    force_all: Annotated[bool, Meta(description="adds up accounts that did not change, too")] = False
    sync_job: Annotated[UUID, Meta(description="set by a sync")] | None = None
    after: Annotated[UUID, Meta(description="set by a sweep that goes on in a child job")] | None = None


def _sync_key(payload: SyncPayload) -> str:
    # A request joins only one that does at least as much as it asks for.
    is_limited = payload.coach_id is not None or payload.force_full_sync or payload.force_flash_ctf_sync
    return (
        f"{SYNC}:coach={payload.coach_id}:dry={payload.dry_run}"
        f":full={payload.force_full_sync}:flash={payload.force_flash_ctf_sync}"
        f"{':every' if payload.include_not_due and not is_limited else ''}"
    )


def _totals_key(payload: TotalsPayload) -> str:
    return (
        f"{TOTALS_SWEEP}:coach={payload.coach_id}:dry={payload.dry_run}:all={payload.force_all}"
        f":sync={payload.sync_job}:after={payload.after}"
    )


@job_handler(
    SYNC,
    label="Sync solves and scores",
    help="Fetches new solves, scores and events of the students' accounts from the game platform.",
    summary=of_sync,
    max_attempts=5,
    backoff=exponential(1),
    timeout=timedelta(minutes=10),
    unique=_sync_key,
    never_retry=_NEVER_RETRIED,
)
def game_platform_sync(job: JobContext, payload: SyncPayload) -> SyncResult:
    """Bring the mirror of solves, scores and events up to date."""
    options = SyncOptions(
        dry_run=payload.dry_run,
        coach_id=payload.coach_id,
        full=payload.force_full_sync,
        flash=payload.force_flash_ctf_sync,
        every=payload.include_not_due,
        batch_size=payload.batch_size or conf().BATCH_SIZE,
    )
    with _obeying_the_platform():
        return synchronise(job, options, provider())


@job_handler(
    TOTALS_SWEEP,
    label="Refresh totals",
    help="Adds up challenges and points anew for the accounts that changed.",
    summary=of_sweep,
    max_attempts=5,
    backoff=exponential(1),
    timeout=timedelta(minutes=5),
    unique=_totals_key,
)
def game_platform_totals_sweep(job: JobContext, payload: TotalsPayload) -> SweepResult:
    """Recompute the totals of accounts that changed."""
    options = SweepOptions(
        dry_run=payload.dry_run,
        coach_id=payload.coach_id,
        batch_size=payload.batch_size or conf().BATCH_SIZE,
        every=payload.force_all,
        after=payload.after,
    )
    return sweep(job, options, lambda after: job.enqueue(TOTALS_SWEEP, replace(payload, after=after)))


@job_handler(
    CollectionPayload.task_type,
    label="Collect data",
    help="Stores dated snapshots of what the platform says, for the trend charts.",
    summary=of_scheduled,
    max_attempts=5,
    backoff=exponential(1),
    timeout=timedelta(hours=1),
    unique=order_of,
    never_retry=_NEVER_RETRIED,
)
def data_collection(job: JobContext, payload: CollectionPayload) -> ScheduledResult:
    """Store dated snapshots of what the platform says."""
    with _obeying_the_platform():
        return collect_and_score(job, payload.scope, collection=payload.collection, order=order_of(payload))


@job_handler(
    ScoringPayload.task_type,
    label="Score collected data",
    help="Turns stored snapshots into the points of the trend charts.",
    summary=of_scheduled,
    max_attempts=5,
    backoff=exponential(1),
    timeout=timedelta(minutes=30),
    unique=order_of,
    never_retry=_NEVER_RETRIED,
)
def scoring(job: JobContext, payload: ScoringPayload) -> ScheduledResult:
    """Turn stored snapshots into the points of the trend."""
    return collect_and_score(job, payload.scope, scoring=payload.scoring, order=order_of(payload))


@job_handler(
    CollectionAndScoringPayload.task_type,
    label="Collect data and score it",
    help="Stores snapshots, then turns them into the points of the trend charts.",
    summary=of_scheduled,
    max_attempts=5,
    backoff=exponential(1),
    timeout=timedelta(hours=1),
    unique=order_of,
    never_retry=_NEVER_RETRIED,
)
def data_collection_and_scoring(job: JobContext, payload: CollectionAndScoringPayload) -> ScheduledResult:
    """Collect, then score; what is collected already is not asked for again by a retry."""
    with _obeying_the_platform():
        return collect_and_score(
            job, payload.scope, collection=payload.collection, scoring=payload.scoring, order=order_of(payload)
        )


@contextmanager
def _obeying_the_platform() -> Iterator[None]:
    """Whoever switched the integration off cancels the job; a platform that asks for a long pause gets it."""
    try:
        yield
    except IntegrationDisabled as disabled:
        raise CancelJob(str(disabled)) from disabled
    except RateLimited as limited:
        if limited.retry_after is None:
            raise
        pause = min(limited.retry_after, _LONGEST_PAUSE.total_seconds())
        raise RetryLater(timedelta(seconds=pause), str(limited)) from limited
