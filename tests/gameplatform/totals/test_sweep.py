"""The sweep takes flagged accounts, all of them, and never clears a flag too early."""

import threading

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from gameplatform.models import Account, AccountStats, Solve, SyncRun, SyncState
from tests.gameplatform.job import FakeJob

from .sweeping import sweep_totals


def flagged(number: int, *, coach: User | None = None, flag: bool = True) -> list[Account]:
    """Accounts with a sync state and one solve of 100 points each."""
    accounts = Account.objects.bulk_create(Account(coach=coach) for _ in range(number))
    SyncState.objects.bulk_create(SyncState(account=account, needs_totals_refresh=flag) for account in accounts)
    for account in accounts:
        add_solve(account, 1)
    return accounts


def add_solve(account: Account, solve_id: int) -> None:
    Solve.objects.create(
        account=account,
        source=Solve.Source.ODL,
        remote_solve_id=solve_id,
        remote_challenge_id=solve_id,
        title="Challenge",
        domain="Web",
        points=100,
        solved_at=timezone.now(),
    )


@pytest.mark.django_db
def test_flagged_accounts_get_totals_and_lose_their_flag(job: FakeJob) -> None:
    flagged(20)
    flagged(3, flag=False)

    result = sweep_totals(job, batch_size=7)

    assert (result.refreshed, result.continued) == (20, False)
    assert not SyncState.objects.flagged().exists()
    assert list(AccountStats.objects.values_list("total_points", "job_id").distinct()) == [(100, job.id)]
    assert AccountStats.objects.count() == 20
    assert [report[:2] for report in job.reports] == [(7, 20), (14, 20), (20, 20)]


@pytest.mark.django_db
def test_accounts_without_a_flag_do_not_hide_the_flagged_ones() -> None:
    flagged(30, flag=False)
    flagged(2)

    assert sweep_totals(batch_size=5).refreshed == 2


@pytest.mark.django_db
def test_force_takes_those_without_a_flag_too() -> None:
    flagged(5, flag=False)

    assert sweep_totals(every=True, batch_size=2).refreshed == 5


@pytest.mark.django_db
def test_a_coachs_sweep_leaves_other_coaches_alone() -> None:
    alice = User.objects.create(username="alice")
    mine = flagged(3, coach=alice)
    flagged(4)

    assert sweep_totals(coach_id=alice.pk).refreshed == 3
    assert set(AccountStats.objects.values_list("pk", flat=True)) == {account.pk for account in mine}


@pytest.mark.django_db
def test_a_dry_run_tells_the_change_and_makes_none() -> None:
    [account] = flagged(1)
    sweep_totals()
    add_solve(account, 2)
    SyncState.objects.update(needs_totals_refresh=True)

    result = sweep_totals(dry_run=True)

    [change] = result.changes
    assert (change.account, change.points_before, change.points_after) == (account.pk, 100, 200)
    assert AccountStats.objects.get().total_points == 100
    assert SyncState.objects.get().needs_totals_refresh


@pytest.mark.django_db
def test_a_child_goes_on_where_a_long_sweep_stops(settings: Settings) -> None:
    settings.GAME_PLATFORM = {"SWEEP_BATCHES": 2}
    flagged(10)
    swept: list[int] = []
    job = FakeJob()
    after = None
    while True:
        result = sweep_totals(job, batch_size=2, after=after)
        swept.append(result.refreshed)
        if not result.continued:
            break
        after = job.children[-1][1]

    assert swept == [4, 4, 2]
    assert not SyncState.objects.flagged().exists()


@pytest.mark.django_db
def test_every_sweep_leaves_a_record(job: FakeJob) -> None:
    flagged(3)
    sweep_totals(job)

    run = SyncRun.objects.get()
    assert (run.kind, run.job_id, run.total, run.synced) == ("totals", job.id, 3, 3)
    assert run.finished_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_solve_written_during_the_sweep_is_counted_or_flagged_anew() -> None:
    """A sync holds the account while the sweep begins: the sweep must not clear what it did not count."""
    [account] = flagged(1)
    holding = threading.Event()

    def sync_in_another_process() -> None:
        with transaction.atomic():
            SyncState.objects.select_for_update().get(pk=account.pk)
            holding.set()
            _wait_for_a_blocked_statement()
            add_solve(account, 2)
            SyncState.objects.filter(pk=account.pk).update(needs_totals_refresh=True)
        connection.close()

    writer = threading.Thread(target=sync_in_another_process)
    writer.start()
    holding.wait()
    sweep_totals()
    writer.join()

    stats = AccountStats.objects.get()
    assert stats.total_points == 200 or SyncState.objects.get().needs_totals_refresh


def _wait_for_a_blocked_statement() -> None:
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database "
                "WHERE datname = current_database()) OR NOT granted AND locktype = 'transactionid'"
            )
            if cursor.fetchone() is not None:
                return
