"""Works off the accounts whose totals are outdated, batch by batch, and leaves the rest to a child job."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from msgspec import Struct

from gameplatform.conf import conf
from gameplatform.context import Job
from gameplatform.models import SyncRun, SyncState
from gameplatform.querysets import SyncStateQuerySet
from gameplatform.totals.change import CHANGES_SHOWN, AccountChange
from gameplatform.totals.refresh import refresh

TASK_TYPE = "game_platform_totals_sweep"


@dataclass(frozen=True, kw_only=True)
class SweepOptions:
    """`every` takes accounts that are not flagged too; `after` is where a parent job stopped."""

    dry_run: bool = False
    coach_id: int | None = None
    batch_size: int
    every: bool = False
    after: UUID | None = None


class SweepResult(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Accounts recomputed, how many of them the platform counts differently, and whether a child goes on."""

    refreshed: int
    differing: int
    continued: bool
    seconds: float
    dry_run: bool = False
    changes: Sequence[AccountChange] = ()


def sweep(job: Job, options: SweepOptions, go_on: Callable[[UUID], object]) -> SweepResult:
    """Recompute totals and clear the flags of the accounts that it recomputed.

    Args:
        job: the job it runs in.
        options: which accounts.
        go_on: enqueues the child job for the accounts behind the given one.
    """
    run = _begin(job, options)
    differing, changes, continued = 0, list[AccountChange](), True
    for _ in range(conf().SWEEP_BATCHES):
        job.check_cancelled()
        page = _outdated(options, run.cursor)[: options.batch_size]
        refreshed = refresh(page, job_id=job.id, dry_run=options.dry_run)
        if not refreshed.accounts:
            continued = False
            break
        run.cursor = refreshed.accounts[-1]
        run.synced += len(refreshed.accounts)
        differing += refreshed.differing
        changes += refreshed.changes[: CHANGES_SHOWN - len(changes)]
        job.progress(run.synced, max(run.total, run.synced), f"{differing} differ from the platform")
    if continued and run.cursor is not None:
        go_on(run.cursor)
    _finish(run)
    return SweepResult(
        refreshed=run.synced,
        differing=differing,
        continued=continued,
        seconds=run.seconds,
        dry_run=options.dry_run,
        changes=tuple(changes),
    )


def _outdated(options: SweepOptions, after: UUID | None) -> SyncStateQuerySet:
    states = SyncState.objects.in_scope(options.coach_id)
    if not options.every:
        states = states.flagged()
    if after is not None:
        states = states.filter(pk__gt=after)
    return states.order_by("pk")


def _begin(job: Job, options: SweepOptions) -> SyncRun:
    return SyncRun(
        kind=SyncRun.Kind.TOTALS,
        coach_id=options.coach_id,
        dry_run=options.dry_run,
        forced=options.every,
        job_id=job.id,
        cursor=options.after,
        total=_outdated(options, options.after).count(),
    )


def _finish(run: SyncRun) -> None:
    run.finished_at = timezone.now()
    run.total = run.synced
    run.save()
