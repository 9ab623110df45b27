"""What fails stays with whom it concerns; what concerns everybody stops the collection."""

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from gameplatform.exceptions import BadResponse, Unauthorized
from gameplatform.models import Account, Snapshot
from gameplatform.providers.metactf import MetaCtf
from jobqueue.exceptions import CancelJob, RetryLater
from tests.gameplatform.job import FakeJob
from tests.gameplatform.platform import Platform

from .collecting import collect

pytestmark = pytest.mark.django_db


def test_failing_accounts_are_recorded_and_the_others_go_on(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    failing = [account.pk for account in accounts[3:15:3]]
    platform.faults(failing_accounts=[str(one) for one in failing])

    result = collect(collectors=["solves", "profiles"])

    assert Snapshot.objects.count() == result.rows_written == 2 * (len(accounts) - 4)
    assert not Snapshot.objects.filter(account__in=failing).exists()
    assert result.failures == len(result.first_failures) == 8
    codes = ["NOT_FOUND", "FORBIDDEN", "BAD_RESPONSE", "NETWORK_ERROR"]
    assert {(one.account, one.collector, one.code) for one in result.first_failures} == {
        (account, collector, code)
        for account, code in zip(failing, codes, strict=True)
        for collector in ("solves", "profiles")
    }


def test_one_collector_that_fails_for_an_account_keeps_nothing_from_the_other(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    accounts = platform.link(platform.people()[:3])

    def events(self: MetaCtf, account: object) -> object:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(MetaCtf, "events", events)

    result = collect(collectors=["solves", "events"])

    assert set(Snapshot.objects.values_list("account_id", "collector")) == {(one.pk, "solves") for one in accounts}
    assert {(one.collector, one.code, one.message) for one in result.first_failures} == {
        ("events", "UNEXPECTED", "a bug")
    }
    assert "ZeroDivisionError" in caplog.text


def test_only_the_first_failures_are_told_in_detail(platform: Platform) -> None:
    platform.link(platform.people())
    platform.faults(failing_accounts=[str(person.syned_user_id) for person in platform.people()])

    result = collect(collectors=["profiles"])

    assert (result.failures, len(result.first_failures)) == (len(platform.people()), 20)


@pytest.mark.parametrize(
    ("status", "known_as", "refused"),
    [
        ("pending_approval", {"status": "pending_approval"}, 2),
        ("denied", {"status": "denied"}, 2),
        (None, {"link_state": Account.LinkState.MISSING}, 3),
    ],
)
def test_who_is_known_to_have_no_scores_is_skipped_and_no_failure(
    status: str | None, known_as: dict[str, str], refused: int, platform: Platform
) -> None:
    people = platform.link(platform.people(status))
    Account.objects.update(**known_as)

    result = collect(collectors=["solves", "events", "profiles"])

    assert (result.skipped, result.failures) == (refused * len(people), 0)
    assert Snapshot.objects.count() == (3 - refused) * len(people)


def test_whom_the_mirror_believes_approved_fails_if_the_platform_refuses(platform: Platform) -> None:
    people = platform.link(platform.people("denied"))
    Account.objects.update(status="approved", link_state="linked")

    result = collect(collectors=["solves"])

    assert (result.skipped, result.failures) == (0, len(people))


def test_an_expired_token_stops_it_and_blames_nobody(platform: Platform) -> None:
    platform.link(platform.people())
    platform.faults(expired_token=True)

    with pytest.raises(Unauthorized):
        collect()

    assert not Snapshot.objects.exists()


def test_a_platform_that_cannot_tell_teams_keeps_nobody_from_their_solves(
    platform: Platform, job: FakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = platform.link(platform.people())
    ask = MetaCtf.team_assignments

    def refuse(self: MetaCtf) -> object:
        raise BadResponse("nonsense", method="GET", path="/users/get_team_assignments", status=200)

    monkeypatch.setattr(MetaCtf, "team_assignments", refuse)
    with pytest.raises(BadResponse):
        collect(job)
    assert Snapshot.objects.count() == 3 * len(accounts)
    monkeypatch.setattr(MetaCtf, "team_assignments", ask)

    result = collect(job)

    assert Snapshot.objects.count() == result.rows_written == 4 * len(accounts)
    assert platform.requests()["total"] == 3 * len(accounts) + 1


def test_bad_luck_is_survived(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    platform.faults(rate5xx=0.1, rate429=0.05, rate_dropped=0.02, rate_malformed=0.01)

    result = collect()

    assert (result.failures, Snapshot.objects.count()) == (0, 4 * len(accounts))


def test_a_long_pause_that_the_platform_asks_for_uses_up_no_attempt(platform: Platform) -> None:
    platform.link(platform.people())
    platform.faults(rate429=1, retry_after_seconds=120)

    with pytest.raises(RetryLater) as raised:
        collect()

    assert raised.value.delay == timedelta(minutes=2)


def test_a_disabled_integration_cancels_the_job(settings: Settings) -> None:
    settings.GAME_PLATFORM = {"ENABLED": False}

    with pytest.raises(CancelJob, match="switched off"):
        collect()
