"""Collecting and scoring in one job, as the queue runs it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import time_machine
from pytest_django.fixtures import Settings

from gameplatform.jobs import data_collection_and_scoring
from gameplatform.models import Account, ScorePoint, Snapshot
from gameplatform.payloads import CollectionAndScoringPayload
from gameplatform.scoring import by_account
from gameplatform.tally import ScheduledResult
from jobqueue.api import Job, enqueue
from jobqueue.testing import run_due_jobs
from tests.gameplatform.job import FakeJob
from tests.gameplatform.platform import Platform

from .scoring import expected, score, scored

pytestmark = pytest.mark.django_db


def run(job: FakeJob | None = None, **payload: Any) -> ScheduledResult:
    wanted = msgspec.convert(payload, CollectionAndScoringPayload)
    result: ScheduledResult = data_collection_and_scoring(job or FakeJob(), wanted)
    return result


def true_points(platform: Platform, account: Account) -> int:
    user = platform.truth()[str(account.pk)]
    points: int = user["odl_points"] + user["flash_points"]
    return points


def test_every_account_has_the_points_that_the_platform_says(platform: Platform) -> None:
    accounts = platform.link(platform.people())

    result = run()

    found = dict(ScorePoint.objects.values_list("account", "points"))
    assert found == {account.pk: true_points(platform, account) for account in accounts}
    assert result.accounts == result.accounts_scored == len(accounts)
    assert result.rows_written == 5 * len(accounts)


def test_the_job_ends_with_all_metrics_in_its_result(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    job_id = enqueue("data_collection_and_scoring", {"solveLimit": 3}).id

    run_due_jobs()

    job = Job.objects.get(pk=job_id)
    assert job.status == "succeeded"
    result = dict(job.result or {})
    assert result.pop("seconds") > 0
    assert result == {
        "accounts": len(accounts),
        "requests_made": 3 * len(accounts) + 1,
        "items_collected": sum(Snapshot.objects.values_list("items", flat=True)),
        "rows_written": 5 * len(accounts),
        "accounts_scored": len(accounts),
        "skipped": 0,
        "failures": 0,
    }
    assert job.progress_done == job.progress_total == 4 * len(accounts)
    assert ScorePoint.objects.count() == len(accounts)


def test_a_wrong_scope_ends_the_job_at_its_first_attempt(platform: Platform) -> None:
    job_id = enqueue("data_collection_and_scoring", {"coachId": 999_999}).id

    run_due_jobs()

    job = Job.objects.get(pk=job_id)
    assert (job.status, job.error_code, job.attempts) == ("failed", "UNKNOWN_SCOPE", 1)
    assert "There is no coach 999999" in job.error_message


def test_a_retry_after_the_collection_does_not_collect_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = platform.link(platform.people())
    job = FakeJob()

    def failing(*_: object, **__: object) -> object:
        raise ConnectionError("the database went away")

    with monkeypatch.context() as patch:
        patch.setattr(by_account, "score", failing)
        with pytest.raises(ConnectionError):
            run(job)
    asked = platform.requests()["total"]

    result = run(FakeJob(id=job.id, checkpointed=job.checkpointed))

    assert platform.requests()["total"] == asked == result.requests_made
    assert result.accounts_scored == ScorePoint.objects.count() == len(accounts)
    assert result.rows_written == 5 * len(accounts)


def test_a_week_of_collections_gives_a_point_a_day(platform: Platform, settings: Settings) -> None:
    settings.GAME_PLATFORM["BATCH_SIZE"] = 4
    accounts = platform.link(platform.people()[:6])
    monday = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for hours in range(0, 7 * 24, 6):
        with time_machine.travel(monday + timedelta(hours=hours), tick=False):
            platform.add_solve(accounts[hours % 5].pk, points=100)
            run(collectors=["solves"] if hours % 12 else ["events", "profiles"])

    assert ScorePoint.objects.count() == 8 * len(accounts)
    assert scored() == expected()
    newest = dict(ScorePoint.objects.order_by("day").values_list("account", "points"))
    assert newest == {account.pk: true_points(platform, account) for account in accounts}
    assert score(rescore=True).rows_written == 0


def test_a_dry_run_writes_neither_snapshots_nor_scores(platform: Platform) -> None:
    platform.link(platform.people())

    result = run(dryRun=True)

    assert result.dry_run
    assert not Snapshot.objects.exists()
    assert not ScorePoint.objects.exists()
