"""The quick actions of this app: what a person who presses a button gets."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from gameplatform.models import AccountStats, SyncState
from gameplatform.quick_actions import FULL_SYNC, INCREMENTAL, TOTALS
from jobqueue.models import Job, QuickRun
from jobqueue.operations import start_quick_action
from jobqueue.quick_actions import QuickAction
from jobqueue.states import Status
from jobqueue.testing import run_due_jobs, run_job
from tests.gameplatform.platform import Platform, mirrored
from tests.gameplatform.sync.syncing import sync
from tests.jobqueue.audited import ALICE

pytestmark = pytest.mark.django_db


def press(action: QuickAction, *, dry_run: bool = False) -> list[Job]:
    """The jobs of the run, after a worker has done all there was to do."""
    run = start_quick_action(action, ALICE, dry_run=dry_run)
    run_due_jobs()
    return jobs_of(run)


def jobs_of(run: QuickRun) -> list[Job]:
    return [Job.objects.get(pk=step["job"]) for step in run.steps]


def result_of(job: Job) -> Any:
    return job.result


def test_a_full_sync_adds_up_the_totals_once_by_the_job_that_waited_for_it(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    syncing, totals = press(FULL_SYNC)
    assert [syncing.status, totals.status] == [Status.SUCCEEDED] * 2
    assert result_of(totals)["refreshed"] == len(accounts)
    assert Job.objects.count() == 2
    assert AccountStats.objects.count() == len(accounts)


def test_a_sync_alone_has_the_totals_follow(platform: Platform) -> None:
    platform.link(platform.people())
    (syncing,) = press(INCREMENTAL)
    assert Job.objects.get(parent=syncing).status == Status.SUCCEEDED


def test_it_syncs_now_and_not_when_an_account_is_due(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    sync()
    account = accounts[0]
    before = mirrored(account.pk)
    platform.add_solve(account.pk, points=500)
    syncing, _ = press(FULL_SYNC)
    assert result_of(syncing)["competitors"]["synced"] == len(accounts)
    assert result_of(syncing)["solves_added"] == 1
    assert mirrored(account.pk) != before


def test_a_dry_run_changes_nothing_and_tells_what_would_change(platform: Platform) -> None:
    platform.link(platform.people())
    syncing, totals = press(FULL_SYNC, dry_run=True)
    told = sum(change["new_solves"] for change in result_of(syncing)["changes"])
    assert told == result_of(syncing)["solves_added"] > 0
    assert result_of(totals)["dry_run"] is True
    assert not AccountStats.objects.exists()


def test_a_failed_sync_leaves_no_totals_behind_and_asks_for_them_when_it_is_retried(
    platform: Platform, settings: Settings
) -> None:
    platform.link(platform.people())
    good = settings.GAME_PLATFORM
    settings.GAME_PLATFORM = {**good, "API_TOKEN": "expired"}
    syncing, totals = press(FULL_SYNC)
    assert [syncing.status, totals.status] == [Status.FAILED, Status.CANCELLED]
    settings.GAME_PLATFORM = good
    Job.objects.filter(pk=syncing.pk).update(status=Status.PENDING, finished_at=None)
    assert run_job(syncing.pk).status == Status.SUCCEEDED
    assert Job.objects.filter(parent=syncing).exists()


def test_totals_alone_work_off_what_is_outdated(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    sync()
    (totals,) = press(TOTALS)
    assert result_of(totals)["refreshed"] == len(accounts)
    assert not SyncState.objects.flagged().exists()
