"""Accounts that met nothing but bad luck are asked once more before they count as failed."""

from collections import Counter
from uuid import UUID

import pytest

from gameplatform.exceptions import CallError, NotFound, RateLimited, TimedOut, Unavailable
from gameplatform.providers.metactf import MetaCtf
from gameplatform.providers.records import AccountRef, Profile
from tests.gameplatform.platform import Platform, mirrored, true_figures

from .syncing import sync

pytestmark = pytest.mark.django_db


def fail_first(monkeypatch: pytest.MonkeyPatch, kind: type[CallError], *, times: int = 1) -> Counter[UUID]:
    """Let each account's profile fail so often; returns how often each was asked for."""
    asked: Counter[UUID] = Counter()
    true_profile = MetaCtf.profile

    def profile(self: MetaCtf, account: AccountRef) -> Profile:
        asked[account.id] += 1
        if asked[account.id] <= times:
            raise kind("broken", method="GET", path="/users")
        return true_profile(self, account)

    monkeypatch.setattr(MetaCtf, "profile", profile)
    return asked


@pytest.mark.parametrize("kind", [Unavailable, RateLimited])
def test_what_passes_by_itself_is_tried_once_more(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, kind: type[CallError]
) -> None:
    accounts = platform.link(platform.people())
    fail_first(monkeypatch, kind)

    result = sync()

    assert (result.competitors.failed, result.competitors.synced) == (0, len(accounts))
    truth = platform.truth()
    assert all(mirrored(account.pk) == true_figures(truth[str(account.pk)]) for account in accounts)


@pytest.mark.parametrize("kind", [NotFound, TimedOut])
def test_what_would_fail_again_or_cost_as_long_is_not(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, kind: type[CallError]
) -> None:
    accounts = platform.link(platform.people()[:5])
    asked = fail_first(monkeypatch, kind)

    assert sync().competitors.failed == 5

    assert asked == Counter({account.pk: 1 for account in accounts})


def test_who_fails_twice_has_failed(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    [account] = platform.link(platform.people()[:1])
    asked = fail_first(monkeypatch, Unavailable, times=2)

    [failure] = sync().failures

    assert (failure.account, failure.code) == (account.pk, "NETWORK_ERROR")
    assert asked[account.pk] == 2
