"""A collection that was stopped goes on where it was, and writes nothing twice."""

from typing import Any
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from gameplatform.collection.store import Harvest, store
from gameplatform.models import Account, Snapshot
from tests.gameplatform.job import FakeJob
from tests.gameplatform.platform import Platform

from .collecting import Stopped, collect, stopping_after, stored

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_batches(platform: Platform, settings: Settings) -> None:
    settings.GAME_PLATFORM["BATCH_SIZE"] = 7


def next_attempt(job: FakeJob) -> FakeJob:
    return FakeJob(id=job.id, checkpointed=job.checkpointed)


def test_the_next_attempt_asks_only_for_the_rest(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    job = stopping_after(2)
    with pytest.raises(Stopped):
        collect(job)
    assert Snapshot.objects.count() == 3 * 14
    asked = platform.requests()["total"]

    result = collect(next_attempt(job))

    assert platform.requests()["total"] - asked == 3 * (len(accounts) - 14) + 1
    assert Snapshot.objects.count() == result.rows_written == 4 * len(accounts)
    assert result.requests_made == 3 * len(accounts) + 1


def test_an_attempt_whose_checkpoint_was_lost_writes_nothing_twice(platform: Platform) -> None:
    platform.link(platform.people())
    job = FakeJob()
    collect(job)
    before = stored()

    result = collect(FakeJob(id=job.id))

    assert stored() == before
    assert Snapshot.objects.count() == len(before) == result.rows_written


def test_another_job_takes_snapshots_of_its_own(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    collect()
    collect()

    assert Snapshot.objects.count() == 8 * len(accounts)


def test_progress_covers_all_passes_and_goes_on_where_it_was(platform: Platform) -> None:
    total = len(platform.link(platform.people()))
    job = stopping_after(1)
    with pytest.raises(Stopped):
        collect(job)
    again = next_attempt(job)

    collect(again)

    assert job.reports[-1][:2] == (7, 3 * total)
    done = [report[0] for report in again.reports]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (14, 3 * total)
    assert {report[1] for report in again.reports} == {3 * total}
    assert again.reports[0][2].startswith("Collecting: ")


@pytest.mark.parametrize("checkpoint", [None, {"cursor": 3}, "nonsense", {"stage": "of an older version"}])
def test_a_checkpoint_that_cannot_be_read_starts_anew(platform: Platform, checkpoint: Any) -> None:
    accounts = platform.link(platform.people())

    assert collect(FakeJob(checkpointed=checkpoint)).rows_written == 4 * len(accounts)


def test_a_job_whose_payload_was_changed_meanwhile_starts_anew(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    job = stopping_after(2)
    with pytest.raises(Stopped):
        collect(job, collectors=["solves"])

    result = collect(next_attempt(job), collectors=["profiles"])

    assert Snapshot.objects.filter(collector="profiles").count() == result.rows_written == len(accounts)


def test_an_account_that_is_deleted_meanwhile_has_no_snapshot(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    times = iter(range(2))

    def delete() -> None:
        if next(times, None) is None:
            Account.objects.filter(pk=accounts[-1].pk).delete()

    result = collect(FakeJob(before_batch=delete), collectors=["solves"])

    assert result.rows_written == Snapshot.objects.count() == len(accounts) - 1


def test_an_account_deleted_between_its_calls_and_the_write_loses_only_itself(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = platform.link(platform.people())

    def delete_then_store(harvest: Harvest, *, job_id: UUID) -> int:
        Account.objects.filter(pk=accounts[0].pk).delete()
        return store(harvest, job_id=job_id)

    monkeypatch.setattr("gameplatform.collection.by_account.store", delete_then_store)

    assert collect(collectors=["solves"]).rows_written == len(accounts) - 1
