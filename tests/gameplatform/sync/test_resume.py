"""A sync that was stopped goes on where it was."""

import pytest

from gameplatform.models import Solve, SyncRun
from tests.gameplatform.job import FakeJob
from tests.gameplatform.platform import Platform, mirrored, true_figures

from .syncing import sync

pytestmark = pytest.mark.django_db


class Stopped(BaseException):
    """What the queue raises inside a job that is cancelled, timed out or handed back."""


def stopping_after(batches: int) -> FakeJob:
    left = iter(range(batches))

    def stop() -> None:
        if next(left, None) is None:
            raise Stopped

    return FakeJob(before_batch=stop)


def test_the_next_attempt_asks_only_for_the_rest(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    job = stopping_after(2)
    with pytest.raises(Stopped):
        sync(job, full=True)
    assert SyncRun.objects.get().synced == 14
    asked = platform.requests()["total"]

    result = sync(FakeJob(id=job.id), full=True)

    assert platform.requests()["total"] - asked == 3 * (len(accounts) - 14)
    truth = platform.truth()
    assert all(mirrored(account.pk) == true_figures(truth[str(account.pk)]) for account in accounts)
    assert result.competitors.synced == result.competitors.total == len(accounts)
    assert result.solves_added == Solve.objects.count()
    assert result.requests == 3 * len(accounts)


def test_progress_goes_on_where_it_was(platform: Platform) -> None:
    total = len(platform.link(platform.people()))
    job = stopping_after(1)
    with pytest.raises(Stopped):
        sync(job)
    again = FakeJob(id=job.id)

    sync(again)

    assert job.reports[-1][:2] == (7, total)
    done = [done for done, _, _ in again.reports]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (7, total)
    assert {14, 21} <= set(done)
    assert {report[1] for report in again.reports} == {total}


def test_a_job_run_again_after_its_end_starts_anew(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    job = FakeJob()
    sync(job, full=True)

    result = sync(job, full=True)

    assert result.competitors.synced == len(accounts)
    assert SyncRun.objects.count() == 2


def test_a_job_whose_payload_was_changed_meanwhile_starts_anew(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    job = stopping_after(1)
    with pytest.raises(Stopped):
        sync(job)
    again = FakeJob(id=job.id)

    assert sync(again, full=True).competitors.synced == len(accounts)


def test_a_stopped_dry_run_starts_anew(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    job = stopping_after(1)
    with pytest.raises(Stopped):
        sync(job, dry_run=True)

    assert sync(FakeJob(id=job.id), dry_run=True).competitors.synced == len(accounts)


def test_no_thread_outlives_the_sync(platform: Platform) -> None:
    import threading

    platform.link(platform.people())
    with pytest.raises(Stopped):
        sync(stopping_after(1))
    sync()

    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("gameplatform")]


def test_a_stop_in_the_middle_of_a_batch_keeps_nothing_of_it(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gameplatform.sync import pool

    platform.link(platform.people())

    def interrupted(_: object) -> object:
        raise Stopped

    monkeypatch.setattr(pool, "as_completed", interrupted)
    with pytest.raises(Stopped):
        sync()

    assert not Solve.objects.exists()


def test_progress_moves_while_a_batch_is_fetched_still(platform: Platform) -> None:
    total = len(platform.link(platform.people()))
    job = FakeJob()

    sync(job, batch_size=total)

    assert sorted({done for done, _, _ in job.reports}) == list(range(total + 1))
