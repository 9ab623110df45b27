"""The task types: who joins whom, and what errors mean for the job."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from gameplatform.jobs import SyncPayload, TotalsPayload, game_platform_sync, game_platform_totals_sweep
from gameplatform.models import AccountStats, SyncState
from jobqueue.exceptions import CancelJob, InvalidPayloadError, RetryLater
from jobqueue.registry import TaskType, registry
from tests.gameplatform.job import FakeJob
from tests.gameplatform.platform import Platform

SYNC, TOTALS = registry.get("game_platform_sync"), registry.get("game_platform_totals_sweep")


def key(payload: Mapping[str, object], task_type: TaskType = SYNC) -> str | None:
    unique = task_type.unique_key(task_type.encode(payload), timezone.now())
    return unique and unique.key


def test_one_sync_a_scope_waits_at_a_time() -> None:
    assert key({}) == key({"batchSize": 5})
    assert key({"coachId": 7}) == key({"coachId": 7})


@pytest.mark.parametrize(
    "other",
    [{"coachId": 7}, {"dryRun": True}, {"forceFullSync": True}, {"forceFlashCtfSync": True}, {"includeNotDue": True}],
)
def test_a_request_never_joins_one_that_does_less(other: dict[str, object]) -> None:
    assert key({}) != key(other)


@pytest.mark.parametrize("limit", [{"coachId": 7}, {"forceFullSync": True}, {"forceFlashCtfSync": True}])
def test_a_sync_that_takes_all_anyhow_is_joined_by_one_that_says_so(limit: dict[str, object]) -> None:
    assert key(limit) == key({**limit, "includeNotDue": True})


def test_each_sync_and_each_part_of_a_sweep_has_its_own() -> None:
    keys = {
        key(payload, TOTALS)
        for payload in ({}, {}, {"syncJob": str(uuid4())}, {"after": str(uuid4())}, {"coachId": 1}, {"forceAll": True})
    }

    assert len(keys) == 5


@pytest.mark.parametrize("payload", [{"batchSize": 0}, {"batchSize": 1_001}, {"coachId": "7"}, {"syncTeams": True}])
def test_an_impossible_payload_is_refused_before_it_is_stored(payload: dict[str, object]) -> None:
    with pytest.raises(InvalidPayloadError):
        SYNC.encode(payload)


@pytest.mark.parametrize("code", ["NOT_CONFIGURED", "AUTH_ERROR", "NOT_FOUND"])
def test_what_no_retry_can_mend_is_not_retried(code: str) -> None:
    assert not SYNC.retry.is_retryable(code)


@pytest.mark.parametrize("code", ["NETWORK_ERROR", "TIMEOUT", "RATE_LIMIT", "BAD_RESPONSE"])
def test_what_passes_by_itself_is_retried(code: str) -> None:
    assert SYNC.retry.is_retryable(code)


@pytest.mark.django_db
def test_a_sync_and_its_sweep_give_the_pages_their_totals(platform: Platform, job: FakeJob) -> None:
    accounts = platform.link(platform.people())
    result = game_platform_sync(job, SyncPayload())
    [(task_type, payload)] = job.children
    assert task_type == TOTALS.name
    sweep = FakeJob()

    swept = game_platform_totals_sweep(sweep, msgspec.convert(payload, TotalsPayload))

    assert result.competitors.synced == swept.refreshed == AccountStats.objects.count() == len(accounts)
    assert sweep.children == []
    assert msgspec.json.decode(msgspec.json.encode(result))["competitors"]["failed"] == 0


@pytest.mark.django_db
def test_a_long_sweep_hands_over_to_a_child_with_the_same_wishes(
    platform: Platform, job: FakeJob, settings: Settings
) -> None:
    accounts = platform.link(platform.people())
    game_platform_sync(FakeJob(), SyncPayload())
    settings.GAME_PLATFORM["SWEEP_BATCHES"] = 1

    game_platform_totals_sweep(job, TotalsPayload(batch_size=3, force_all=True))

    assert job.children == [(TOTALS.name, TotalsPayload(batch_size=3, force_all=True, after=accounts[2].pk))]


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "pause"), [(120, timedelta(minutes=2)), (10**9, timedelta(days=1))])
def test_a_long_pause_that_the_platform_asks_for_uses_up_no_attempt(
    platform: Platform, job: FakeJob, seconds: int, pause: timedelta
) -> None:
    platform.link(platform.people())
    platform.faults(rate429=1, retry_after_seconds=seconds)

    with pytest.raises(RetryLater) as raised:
        game_platform_sync(job, SyncPayload())

    assert raised.value.delay == pause
    assert not SyncState.objects.exists()


def test_a_disabled_integration_cancels_the_job(settings: Settings, job: FakeJob) -> None:
    settings.GAME_PLATFORM = {"ENABLED": False}

    with pytest.raises(CancelJob, match="switched off"):
        game_platform_sync(job, SyncPayload())
