"""Totals are computed from rows, and compared with what the platform says of itself."""

from datetime import timedelta

import pytest
from django.db.models import Max, Sum
from django.utils import timezone

from gameplatform.models import AccountStats, EventResult, Solve, SyncState
from gameplatform.totals.recompute import recompute
from tests.gameplatform.platform import Platform
from tests.gameplatform.sync.syncing import make_due, sync

from .sweeping import sweep_totals

pytestmark = pytest.mark.django_db


def test_totals_are_those_of_the_platform(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    sync()

    sweep_totals()

    truth = platform.truth()
    for account in accounts:
        stats, user = AccountStats.objects.get(pk=account.pk), truth[str(account.pk)]
        assert (stats.odl_challenges, stats.odl_points) == (user["odl_solves"], user["odl_points"])
        assert (stats.ctf_events, stats.ctf_challenges) == (user["flash_events"], user["flash_solves"])
        assert (stats.ctf_points, stats.total_points) == (
            user["flash_points"],
            user["flash_points"] + user["odl_points"],
        )
        newest = stats.last_activity and int(stats.last_activity.timestamp())
        assert newest == user["newest_solve_unix"]


def test_totals_are_sums_over_the_rows(platform: Platform) -> None:
    platform.link(platform.people())
    sync()

    sweep_totals()

    sums = AccountStats.objects.aggregate(Sum("odl_points"), Sum("ctf_points"), Max("last_activity"))
    assert sums == {
        "odl_points__sum": Solve.objects.filter(source="odl").aggregate(Sum("points"))["points__sum"],
        "ctf_points__sum": EventResult.objects.aggregate(Sum("points"))["points__sum"],
        "last_activity__max": Solve.objects.aggregate(Max("solved_at"))["solved_at__max"],
    }


def test_agreement_with_the_platform_stays_agreement_while_solves_arrive(platform: Platform) -> None:
    [account] = platform.link(platform.people()[:1])
    sync()
    platform.add_solve(account.pk, points=300)
    make_due()
    sync()

    assert sweep_totals().differing == 0

    stats = AccountStats.objects.get()
    assert stats.platform_challenges == stats.odl_challenges - 1
    assert stats.platform_points == stats.odl_points - 300
    assert not stats.differs


def test_a_difference_from_the_platform_is_recorded(platform: Platform) -> None:
    [account] = platform.link(platform.people()[:1])
    sync()
    lost = account.solves.filter(source="odl").first()
    assert lost is not None
    lost.delete()

    assert sweep_totals().differing == 1

    stats = AccountStats.objects.get()
    assert stats.differs
    assert stats.platform_challenges == stats.odl_challenges + 1


def test_the_next_full_fetch_mends_a_difference(platform: Platform) -> None:
    [account] = platform.link(platform.people()[:1])
    sync()
    account.solves.filter(source="odl").delete()
    sweep_totals()

    sync(full=True)
    sweep_totals()

    assert not AccountStats.objects.get().differs


def test_the_time_of_the_platforms_totals_is_kept(platform: Platform) -> None:
    platform.link(platform.people()[:1])
    before = timezone.now()
    sync()
    sweep_totals()

    reported_at = AccountStats.objects.get().platform_reported_at
    assert reported_at is not None
    assert before < reported_at < before + timedelta(minutes=1)


def test_many_accounts_are_one_statement(platform: Platform, django_assert_num_queries: object) -> None:
    accounts = platform.link(platform.people())
    sync()

    with django_assert_num_queries(1):  # type: ignore[operator]
        recompute([account.pk for account in accounts], job_id=None)

    assert AccountStats.objects.count() == SyncState.objects.count() == len(accounts)
