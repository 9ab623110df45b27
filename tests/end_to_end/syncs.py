"""Syncs given to a running worker: asked for, watched, and followed to the end of their totals."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from gameplatform.models import SyncRun, SyncState
from jobqueue.api import enqueue
from jobqueue.models import Job
from jobqueue.states import Status
from tests.gameplatform.platform import TIMEOUT, Platform
from tests.jobqueue.worker.outcomes import ended
from tests.jobqueue.worker.waiting import eventually

BATCH = 10
_CLOCK_FIELDS = ("next_due", "last_full_at", "profile_synced_at", "flash_synced_at")


def ask_for_sync(**payload: Any) -> UUID:
    """Enqueue a sync in batches of ten; returns the job's id."""
    return enqueue("game_platform_sync", {"batchSize": BATCH, **payload}).id


def succeeded(id_: UUID) -> Job:
    """The sync's job, as soon as it and the totals that it asked for have succeeded."""
    job = ended(id_)
    assert job.status == Status.SUCCEEDED, f"{job.error_code}: {job.error_message}"
    for child in Job.objects.filter(parent=id_):
        assert ended(child.pk).status == Status.SUCCEEDED
    return job


def sync(**payload: Any) -> dict[str, Any]:
    """The result of one sync."""
    result: dict[str, Any] = succeeded(ask_for_sync(**payload)).result or {}
    return result


def accounts_done(id_: UUID) -> int:
    """How many accounts this job has written so far."""
    return sum(run.done for run in SyncRun.objects.filter(job_id=id_))


def wait_until_done(id_: UUID, accounts: int) -> None:
    """Until this job has written so many accounts."""
    eventually(lambda: accounts_done(id_) >= accounts, f"{accounts} accounts are written")


def an_hour_passes(platform: Platform) -> None:
    """On the platform and for the mirror, whose notes of when it did what grow an hour older."""
    clock = f"{platform.running.admin_url}/clock"
    platform.session.post(clock, json={"advance_seconds": 3600}, timeout=TIMEOUT).raise_for_status()
    hour = timedelta(hours=1)
    SyncState.objects.update(**{name: F(name) - hour for name in _CLOCK_FIELDS})
