"""The watermark: behind the newest solve received, moved only together with the rows."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from gameplatform.models import Account, Solve, SyncState
from gameplatform.sync import batch
from tests.gameplatform.platform import Platform, mirrored, true_figures

from .syncing import everything, make_due, sync

pytestmark = pytest.mark.django_db
OVERLAP = timedelta(hours=1)


def newest_practice(account: Account) -> datetime:
    return account.solves.filter(source=Solve.Source.ODL).latest("solved_at").solved_at


def test_it_lies_an_overlap_behind_the_newest_solve_received(platform: Platform) -> None:
    accounts = platform.link(platform.people())

    sync()

    for account in accounts:
        state = SyncState.objects.get(pk=account.pk)
        solves = account.solves.filter(source=Solve.Source.ODL)
        assert state.watermark == (newest_practice(account) - OVERLAP if solves.exists() else None)


def test_it_stays_where_nothing_came(platform: Platform) -> None:
    [account] = platform.link(platform.people()[:1])
    sync()
    before = SyncState.objects.get().watermark
    make_due()

    sync()

    assert SyncState.objects.get().watermark == before
    assert before == newest_practice(account) - OVERLAP


def test_a_crash_between_fetch_and_write_skips_nothing(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = platform.link(platform.people()[:6])
    sync()
    for account in accounts:
        platform.add_solve(account.pk)
    make_due()
    before = everything()
    monkeypatch.setattr(batch, "write_results", crash)

    with pytest.raises(ZeroDivisionError):
        sync()
    after_the_crash = everything()
    monkeypatch.undo()
    result = sync()

    assert after_the_crash == before
    assert result.solves_added == 6
    truth = platform.truth()
    assert all(mirrored(account.pk) == true_figures(truth[str(account.pk)]) for account in accounts)


def crash(_: object) -> set[object]:
    raise ZeroDivisionError


def test_a_solve_that_arrives_late_is_caught_within_the_overlap(platform: Platform) -> None:
    [account] = platform.link(platform.people()[:1])
    sync()
    late = newest_practice(account) - OVERLAP / 2
    platform.add_solve(account.pk, timestamp_unix=int(late.timestamp()))
    make_due()

    assert sync().solves_added == 1


def test_a_solve_that_arrives_very_late_is_caught_by_the_daily_full_fetch(platform: Platform) -> None:
    [account] = platform.link(platform.people()[:1])
    sync()
    late = newest_practice(account) - timedelta(days=9)
    platform.add_solve(account.pk, timestamp_unix=int(late.timestamp()))
    make_due()
    assert sync().solves_added == 0
    SyncState.objects.update(next_due=late, last_full_at=timezone.now() - timedelta(days=1))

    assert sync().solves_added == 1
