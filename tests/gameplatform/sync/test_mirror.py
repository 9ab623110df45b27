"""What the platform has is what the mirror has, however often it is synced."""

import pytest
from django.db.models import Count

from gameplatform.categories import DOMAINS
from gameplatform.models import Account, Solve, SyncState
from tests.gameplatform.job import FakeJob
from tests.gameplatform.platform import Platform, mirrored, true_figures

from .syncing import everything, make_due, row_versions, sync

pytestmark = pytest.mark.django_db


def assert_mirror_is_true(platform: Platform, accounts: list[Account]) -> None:
    truth = platform.truth()
    assert {account.pk: mirrored(account.pk) for account in accounts} == {
        account.pk: true_figures(truth[str(account.pk)]) for account in accounts
    }


def test_the_mirror_is_the_platform(platform: Platform) -> None:
    accounts = platform.link(platform.people())

    result = sync()

    assert_mirror_is_true(platform, accounts)
    assert (result.competitors.total, result.competitors.synced) == (len(accounts), len(accounts))
    assert result.solves_added == Solve.objects.count() > 0
    assert result.failures == []


def test_what_comes_later_is_added_by_the_next_sync(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    sync()
    platform.add_solve(accounts[3].pk, points=250, category="foren")

    make_due()

    result = sync()

    assert result.solves_added == 1
    assert_mirror_is_true(platform, accounts)


def test_a_second_sync_changes_no_row(platform: Platform) -> None:
    platform.link(platform.people())
    sync(full=True)
    before = everything(SyncState)

    again = sync(full=True)

    assert everything(SyncState) == before
    assert (again.solves_added, again.events_added) == (0, 0)


def test_a_second_sync_writes_no_row_anew(platform: Platform) -> None:
    platform.link(platform.people())
    sync(full=True)
    before = row_versions()

    sync(full=True)

    assert row_versions() == before


def test_a_solve_that_changed_is_changed_here_too(platform: Platform) -> None:
    platform.link(platform.people())
    sync()
    Solve.objects.update(points=1, title="Old", retired=True, work_roles=["Nobody"])
    job = FakeJob()

    sync(job, full=True)

    assert not Solve.objects.filter(title="Old").exists()
    assert [child for child, _ in job.children] == ["game_platform_totals_sweep"]


def test_solve_ids_that_repeat_between_practice_and_events_are_all_kept(platform: Platform) -> None:
    platform.link(platform.people())

    sync()

    repeated = Solve.objects.values("account", "remote_solve_id").annotate(times=Count("pk")).filter(times__gt=1)
    assert repeated.exists()


def test_events_of_one_name_are_told_apart_by_their_start(platform: Platform) -> None:
    accounts = platform.link(platform.people())

    sync()

    events = [result.event for account in accounts for result in account.event_results.select_related("event")]
    assert len({event.pk for event in events}) == len({(event.name, event.starts_at) for event in events})
    assert len({event.name for event in events}) < len({event.pk for event in events})


def test_dirty_categories_become_domains(platform: Platform) -> None:
    platform.link(platform.people())

    sync()

    assert {"crypto", "reverse_engineering"} <= set(Solve.objects.values_list("category", flat=True))
    assert set(Solve.objects.values_list("domain", flat=True)) == {*DOMAINS, "Ai Security"}


def test_profiles_are_mirrored(platform: Platform) -> None:
    [account] = platform.link(platform.people()[:1])

    sync()

    account.refresh_from_db()
    truth = platform.truth()[str(account.pk)]
    assert (account.status, account.link_state, account.remote_id) == ("approved", "linked", truth["metactf_user_id"])
    assert account.username
    assert account.last_seen is not None


@pytest.mark.parametrize("status", ["user_created", "pending_approval", "denied"])
def test_who_is_not_approved_is_skipped_and_asked_again_soon(platform: Platform, status: str) -> None:
    [account, *_] = platform.link(platform.people(status))

    result = sync()

    account.refresh_from_db()
    state = account.sync_state
    assert (account.status, state.error_code, state.consecutive_failures) == (status, "", 0)
    assert state.next_due > state.last_attempt_at  # type: ignore[operator]
    assert result.competitors.skipped == result.competitors.total
    assert "GET /scores/get_odl_scores" not in platform.requests()["by_endpoint"]
