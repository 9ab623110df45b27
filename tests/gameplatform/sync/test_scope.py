"""Which accounts a sync takes, and what it asks for each of them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from gameplatform.models import Account, FlashEvent, SyncState
from tests.gameplatform.job import FakeJob
from tests.gameplatform.platform import Platform

from .syncing import make_due, sync

pytestmark = pytest.mark.django_db


def calls(platform: Platform) -> dict[str, int]:
    """How often each endpoint was called so far."""
    by_endpoint = platform.requests()["by_endpoint"]
    return {endpoint.rsplit("/", 1)[-1]: sum(counts.values()) for endpoint, counts in by_endpoint.items()}


def test_accounts_that_are_not_due_are_left_alone(platform: Platform) -> None:
    platform.link(platform.people())
    sync()
    asked = calls(platform)

    result = sync()

    assert result.competitors.total == 0
    assert calls(platform) == asked


def test_a_later_sync_asks_for_new_scores_only(platform: Platform) -> None:
    total = len(platform.link(platform.people()))
    sync()
    make_due()

    sync()

    assert calls(platform) == {"users": total, "get_odl_scores": 2 * total, "get_flash_ctf_progress": total}


def test_a_forced_full_sync_asks_for_everything_due_or_not(platform: Platform) -> None:
    total = len(platform.link(platform.people()))
    sync()

    result = sync(full=True)

    assert result.competitors.synced == total
    assert set(calls(platform).values()) == {2 * total}


def test_a_forced_event_sync_asks_for_events_due_or_not(platform: Platform) -> None:
    total = len(platform.link(platform.people()))
    sync()

    sync(flash=True)

    assert calls(platform) == {"users": total, "get_odl_scores": 2 * total, "get_flash_ctf_progress": 2 * total}


def test_event_history_is_asked_for_again_when_it_is_old(platform: Platform) -> None:
    platform.link(platform.people()[:1])
    sync()
    make_due()
    SyncState.objects.update(flash_synced_at=timezone.now() - timedelta(minutes=31))

    sync()

    assert calls(platform)["get_flash_ctf_progress"] == 2
    assert SyncState.objects.filter(flash_synced_at__gt=timezone.now() - timedelta(minutes=1)).exists()


def test_event_history_is_asked_for_soon_while_an_event_is_on(platform: Platform) -> None:
    platform.link(platform.people()[:1])
    sync()
    make_due()
    now = timezone.now()
    SyncState.objects.update(flash_synced_at=now - timedelta(seconds=30))
    FlashEvent.objects.create(name="Live", starts_at=now - timedelta(hours=1))

    sync()

    assert calls(platform)["get_flash_ctf_progress"] == 2


def test_a_coachs_sync_takes_all_of_that_coachs_students_and_nobody_else(platform: Platform) -> None:
    alice = User.objects.create(username="alice")
    bob = User.objects.create(username="bob")
    mine = platform.link(platform.people()[:5], coach_id=alice.pk)
    platform.link(platform.people()[5:9], coach_id=bob.pk)
    platform.link(platform.people()[9:12])
    sync(coach_id=alice.pk)
    job = FakeJob()

    result = sync(job, coach_id=alice.pk)

    assert result.competitors.synced == 5
    assert set(SyncState.objects.values_list("pk", flat=True)) == {account.pk for account in mine}
    [(_, payload)] = job.children
    assert payload["coachId"] == alice.pk


def test_coaches_accounts_have_no_scores_to_sync(platform: Platform) -> None:
    Account.objects.create(kind=Account.Kind.COACH)

    assert sync().competitors.total == 0


def test_a_sync_that_changed_nothing_asks_for_no_totals(platform: Platform) -> None:
    platform.link(platform.people())
    first, second = FakeJob(), FakeJob()
    sync(first)
    SyncState.objects.update(needs_totals_refresh=False)
    make_due()

    sync(second)

    assert [(task_type, payload["syncJob"]) for task_type, payload in first.children] == [
        ("game_platform_totals_sweep", str(first.id))
    ]
    assert second.children == []
