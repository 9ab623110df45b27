"""What fails stays with whom it concerns; what concerns everybody stops the sync and blames nobody."""

import socket
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from gameplatform.exceptions import NotFound, RateLimited, Unauthorized, Unavailable
from gameplatform.models import Account, SyncRun, SyncState
from tests.gameplatform.job import FakeJob
from tests.gameplatform.platform import Platform, mirrored, true_figures

from .syncing import everything, make_due, sync

pytestmark = pytest.mark.django_db


def assert_true_but_for(platform: Platform, accounts: list[Account], failing: set[UUID]) -> None:
    truth = platform.truth()
    for account in accounts:
        if account.pk not in failing:
            assert mirrored(account.pk) == true_figures(truth[str(account.pk)])


def test_under_faults_every_account_but_the_failing_ones_is_right(platform: Platform, job: FakeJob) -> None:
    accounts = platform.link(platform.people())
    failing = [str(account.pk) for account in accounts[5:14:4]]
    platform.faults(rate5xx=0.1, rate429=0.05, rate_dropped=0.02, rate_malformed=0.01, failing_accounts=failing)

    result = sync(job)

    assert_true_but_for(platform, accounts, {UUID(one) for one in failing})
    causes = dict(zip(failing, ["NOT_FOUND", "FORBIDDEN", "BAD_RESPONSE"], strict=True))
    assert {str(failure.account): failure.code for failure in result.failures} == causes
    assert (result.competitors.failed, result.competitors.synced) == (3, len(accounts) - 3)
    run = SyncRun.objects.get()
    assert {failure["account"]: failure["code"] for failure in run.failures} == causes
    states = SyncState.objects.exclude(error_code="")
    assert {str(state.pk): state.error_code for state in states} == causes
    assert all(failure.message.startswith("GET /users") for failure in result.failures)
    assert platform.requests()["total"] >= result.requests > 3 * len(accounts) - 9


def test_an_account_that_recovers_is_fine_again(platform: Platform) -> None:
    [account] = platform.link(platform.people()[:1])
    platform.faults(failing_accounts=[str(account.pk)])
    sync()
    account.refresh_from_db()
    assert (account.link_state, account.sync_state.consecutive_failures) == ("missing", 1)
    platform.faults()
    make_due()

    sync()

    account = Account.objects.get()
    assert (account.link_state, account.sync_state.consecutive_failures) == ("linked", 0)
    assert (account.sync_state.error_code, account.sync_state.error_message) == ("", "")


def test_an_account_that_keeps_failing_is_asked_ever_more_rarely(platform: Platform) -> None:
    [account] = platform.link(platform.people()[:1])
    platform.faults(failing_accounts=[str(account.pk)])
    waits = []
    for _ in range(4):
        make_due()
        sync()
        state = SyncState.objects.get()
        assert state.last_attempt_at is not None
        waits.append((state.next_due - state.last_attempt_at).total_seconds())

    assert waits == [60, 120, 240, 480]
    assert sync().competitors.total == 0


def test_an_expired_token_stops_the_sync_and_blames_no_account(platform: Platform, job: FakeJob) -> None:
    platform.link(platform.people())
    sync()
    make_due()
    before = everything()
    platform.faults(expired_token=True)

    with pytest.raises(Unauthorized, match="Token has expired"):
        sync(job)

    assert everything() == before
    run = SyncRun.objects.get(job_id=job.id)
    assert run.finished_at is None
    assert "401" in run.error


def test_a_platform_that_is_down_stops_the_sync_and_blames_no_account(platform: Platform) -> None:
    platform.link(platform.people())
    before = everything()
    platform.faults(rate_dropped=1)

    with pytest.raises(Unavailable, match="GET /:"):
        sync()

    assert everything() == before


def test_a_port_where_nobody_listens_stops_the_sync(platform: Platform, settings: Settings) -> None:
    platform.link(platform.people()[:2])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.GAME_PLATFORM["API_BASE_URL"] = f"http://127.0.0.1:{taken.getsockname()[1]}"

    with pytest.raises(Unavailable, match="Connection refused"):
        sync()

    assert not SyncState.objects.exists()


def test_a_wrong_base_address_is_not_taken_for_missing_accounts(platform: Platform, settings: Settings) -> None:
    platform.link(platform.people())
    settings.GAME_PLATFORM["API_BASE_URL"] += "/v0"

    with pytest.raises(NotFound):
        sync()

    assert not Account.objects.filter(link_state="missing").exists()


def test_a_batch_of_failing_accounts_on_a_healthy_platform_is_their_own_affair(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    last = accounts[-1]
    platform.faults(failing_accounts=[str(account.pk) for account in accounts[:25]])

    result = sync(batch_size=25)

    assert (result.competitors.failed, result.competitors.synced) == (25, len(accounts) - 25)
    assert mirrored(last.pk) == true_figures(platform.truth()[str(last.pk)])


def test_a_platform_that_asks_for_a_long_pause_gets_it(platform: Platform) -> None:
    platform.link(platform.people())
    platform.faults(rate429=1, retry_after_seconds=900)

    with pytest.raises(RateLimited) as raised:
        sync()

    assert raised.value.retry_after == 900
    assert not SyncState.objects.exists()


def test_wrong_types_are_recorded_with_the_field(platform: Platform, settings: Settings) -> None:
    settings.GAME_PLATFORM["PARSE_TRIES"] = 1
    platform.link(platform.people())
    platform.faults(rate_wrong_types=1)

    result = sync()

    codes = {failure.code for failure in result.failures}
    assert codes == {"BAD_RESPONSE"}
    assert all("`$." in failure.message or "$" in failure.message for failure in result.failures)


def test_an_error_that_nobody_foresaw_stays_with_its_account(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from gameplatform.providers.metactf import MetaCtf

    accounts = platform.link(platform.people()[:5])
    true_profile = MetaCtf.profile

    def profile(self: MetaCtf, account: object) -> object:
        if account.id == accounts[2].pk:  # type: ignore[attr-defined]
            raise ZeroDivisionError("a bug")
        return true_profile(self, account)  # type: ignore[arg-type]

    monkeypatch.setattr(MetaCtf, "profile", profile)

    result = sync()

    [failure] = result.failures
    assert (failure.account, failure.code, failure.message) == (accounts[2].pk, "UNEXPECTED", "a bug")
    assert "ZeroDivisionError" in caplog.text
    assert result.competitors.synced == 4
    assert timezone.now() < SyncState.objects.get(pk=accounts[2].pk).next_due
