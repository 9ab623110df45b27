"""A dry run asks the platform, tells what would change, and changes nothing."""

import pytest

from gameplatform.models import AccountStats, SyncRun, SyncState
from tests.gameplatform.job import FakeJob
from tests.gameplatform.platform import Platform, mirrored, true_figures
from tests.gameplatform.totals.sweeping import sweep_totals

from .syncing import everything, make_due, sync

pytestmark = pytest.mark.django_db


def test_it_writes_nothing_to_the_mirror(platform: Platform, job: FakeJob) -> None:
    platform.link(platform.people() + platform.people("denied") + platform.people(None))
    before = everything()

    result = sync(job, dry_run=True)

    assert everything() == before
    assert result.dry_run
    assert result.competitors.synced == len(platform.people())
    assert platform.requests()["total"] == result.requests
    assert job.children == []


def test_it_foretells_what_the_real_run_does(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    foretold = sync(dry_run=True)

    done = sync()

    assert (foretold.competitors, foretold.solves_added, foretold.events_added) == (
        done.competitors,
        done.solves_added,
        done.events_added,
    )
    by_account = {change.account: change for change in foretold.changes}
    sweep_totals()
    for account in accounts:
        odl, _, ctf, _ = mirrored(account.pk)
        if account.pk in by_account:
            change = by_account[account.pk]
            stats = AccountStats.objects.get(pk=account.pk)
            assert (change.new_solves, change.challenges_before, change.points_before) == (odl + ctf, 0, 0)
            assert (change.challenges_after, change.points_after) == (odl + ctf, stats.total_points)
        else:
            assert odl + ctf == 0


def test_totals_before_are_those_that_people_see(platform: Platform) -> None:
    account = platform.link(platform.people()[:3])[1]
    sync()
    sweep_totals()
    shown = AccountStats.objects.get(pk=account.pk)
    platform.add_solve(account.pk, points=300)
    make_due()

    [change] = sync(dry_run=True).changes

    assert (change.account, change.new_solves) == (account.pk, 1)
    assert (change.points_before, change.points_after) == (shown.total_points, shown.total_points + 300)
    assert change.challenges_after == change.challenges_before + 1


def test_it_moves_no_watermark_for_the_real_run_to_miss(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    sync()
    platform.add_solve(accounts[0].pk)
    make_due()
    sync(dry_run=True)

    assert sync().solves_added == 1
    assert mirrored(accounts[0].pk) == true_figures(platform.truth()[str(accounts[0].pk)])


def test_failures_are_reported_and_held_against_nobody(platform: Platform) -> None:
    [account] = platform.link(platform.people()[:1])
    platform.faults(failing_accounts=[str(account.pk)])

    [failure] = sync(dry_run=True).failures

    assert (failure.account, failure.code) == (account.pk, "NOT_FOUND")
    assert not SyncState.objects.exists()
    assert SyncRun.objects.get().dry_run
