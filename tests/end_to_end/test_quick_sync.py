"""A full sync by its button: the log follows a real worker and a real platform to the last step."""

from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client

from coachdash.models import CoachProfile, Organization
from gameplatform.models import Solve
from jobqueue.models import Job, QuickRun
from tests.end_to_end.conftest import StartWorker
from tests.end_to_end.mirror import check_mirror
from tests.gameplatform.platform import Platform
from tests.jobqueue.worker.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)

JOBS = "/admin/jobqueue/job/"
LOG = f"{JOBS}quick/log/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(coaches: dict[UUID, User]) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    return client


def press(client: Client, action: str, **more: Any) -> QuickRun:
    answer = client.post(f"{JOBS}quick/start/", {"action": action, **more}, headers=HTMX)
    assert answer.status_code == 200
    return QuickRun.objects.latest("pk")


def result_of(job: str) -> Any:
    return Job.objects.get(pk=job).result


def log(client: Client) -> str:
    return client.get(LOG, headers=HTMX).content.decode()


def followed(client: Client) -> list[str]:
    """What the log said in the course of time, each once, until nothing is under way any more."""
    seen: list[str] = []

    def is_over() -> bool:
        shown = log(client)
        if shown not in seen:
            seen.append(shown)
        return "every 2s" not in shown

    eventually(is_over, "the log comes to its end")
    return seen


def test_the_log_goes_from_queued_over_progress_to_the_result(
    ada: Client, platform: Platform, start_worker: StartWorker
) -> None:
    run = press(ada, "full-sync")
    assert "No worker" in log(ada)
    start_worker()
    seen = followed(ada)
    assert any("Waits for step 1." in shown and "Running" in shown for shown in seen)
    last = seen[-1]
    syncing, totals = (result_of(step["job"]) for step in run.steps)
    assert f"{syncing['solves_added']:,} new solves" in last
    assert f"Totals of {totals['refreshed']:,} accounts added up anew." in last
    check_mirror(platform)


def test_a_dry_run_of_one_coach_shows_the_totals_before_and_after(
    ada: Client, coaches: dict[UUID, User], start_worker: StartWorker
) -> None:
    start_worker()
    coach = next(iter(coaches.values()))
    CoachProfile.objects.create(user=coach, organization=Organization.objects.create(name="North High"))
    press(ada, "full-sync", **{"quick-coach": str(coach.pk), "quick-dry_run": "on"})
    last = followed(ada)[-1]
    assert "What would change" in last
    assert "0 → " in last
    assert not Solve.objects.exists()
