"""Keeps a sync's SyncRun: where it begins or goes on, what each batch adds, how it ends."""

from django.utils import timezone

from gameplatform.conf import conf
from gameplatform.context import Job
from gameplatform.models import SyncRun
from gameplatform.sync.batch import BatchOutcome
from gameplatform.sync.fetch import Fetched
from gameplatform.sync.options import SyncOptions
from gameplatform.sync.scope import accounts_of

_FAILURES_KEPT = 100


def begin(job: Job, options: SyncOptions) -> SyncRun:
    """The run that an earlier attempt of this job left unfinished, else a new one."""
    run = _unfinished(job, options)
    if run is not None:
        return run
    now = timezone.now()
    return SyncRun.objects.create(
        kind=SyncRun.Kind.SYNC,
        coach_id=options.coach_id,
        dry_run=options.dry_run,
        forced=options.full or options.flash,
        job_id=job.id,
        started_at=now,
        total=accounts_of(options, now).count(),
    )


def add(run: SyncRun, outcome: BatchOutcome, *, requests: int) -> None:
    """Count a batch; in the batch's own transaction, so that counts and rows agree whatever happens."""
    run.synced += outcome.synced
    run.skipped += outcome.skipped
    run.failed += len(outcome.failed)
    run.solves_added += outcome.solves_added.total()
    run.events_added += outcome.events_added
    run.requests += requests
    room = _FAILURES_KEPT - len(run.failures)
    run.failures += [_failure(fetched) for fetched in outcome.failed[:room]]
    run.save()


def stopped(run: SyncRun, error: Exception) -> None:
    """Note what ended this attempt; the next one goes on behind the cursor."""
    run.error = str(error)
    run.save(update_fields=["error"])


def finish(run: SyncRun) -> None:
    """Close the run, and forget those that are too old to matter."""
    run.finished_at = timezone.now()
    run.total = run.done
    run.error = ""
    run.save()
    SyncRun.objects.filter(started_at__lt=run.finished_at - conf().KEEP_RUNS).delete()


def _unfinished(job: Job, options: SyncOptions) -> SyncRun | None:
    # A dry run keeps nothing that a later attempt could build on.
    if options.dry_run:
        return None
    return SyncRun.objects.filter(
        kind=SyncRun.Kind.SYNC,
        job_id=job.id,
        coach_id=options.coach_id,
        dry_run=False,
        forced=options.full or options.flash,
        finished_at=None,
    ).first()


def _failure(fetched: Fetched) -> dict[str, str]:
    return {
        "account": str(fetched.account_id),
        "code": fetched.error_code,
        "message": str(fetched.error)[:500],
    }
