"""Data collection and scoring from a schedule made in the admin: its rows, its history, and the coach's chart."""

import re
import signal
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db.models import Count, Sum
from django.test import Client

from coachdash.models import CoachProfile, Organization
from gameplatform.models import Account, ScorePoint, Snapshot
from jobqueue.models import Job, Schedule
from jobqueue.occurrences import Run
from jobqueue.states import AttemptOutcome, Status
from tests.gameplatform.platform import Platform
from tests.jobqueue.admin.schedules.filling_in import SCHEDULES, Data, errors, filled_in
from tests.jobqueue.worker.outcomes import attempts
from tests.jobqueue.worker.processes import WorkerProcess
from tests.jobqueue.worker.waiting import eventually

from .conftest import LATENCY, StartWorker
from .syncs import succeeded, sync

pytestmark = pytest.mark.django_db(transaction=True)

ADD = f"{SCHEDULES}add/"
SLOW = 1_000  # milliseconds of every call, so that a collection lasts seconds


@pytest.fixture
def alice(coaches: dict[UUID, User]) -> User:
    """The coach of North High; the only other one is of South High."""
    alice, bob = coaches.values()
    for coach, name in ((alice, "North High"), (bob, "South High")):
        CoachProfile.objects.create(user=coach, organization=Organization.objects.create(name=name))
    return alice


@pytest.fixture
def admin(coaches: dict[UUID, User]) -> Client:
    """The browser of somebody who may do everything."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("root"))
    return client


def test_one_coachs_accounts_are_scored_told_in_the_history_and_drawn_in_the_chart(
    platform: Platform, alice: User, admin: Client, start_worker: StartWorker
) -> None:
    start_worker()
    sync()
    asked_before = platform.requests()["total"]
    accounts = Account.objects.competitors(alice.pk)
    true = true_points(platform, alice)
    assert 20 < len(true) < accounts.count()

    schedule = schedule_for(admin, alice)
    job = succeeded(job_of(schedule).pk)

    assert_all_is_there(job, true)
    metrics = {
        "accounts": accounts.count(),
        "requests_made": platform.requests()["total"] - asked_before,
        "items_collected": Snapshot.objects.aggregate(items=Sum("items"))["items"],
        "rows_written": 3 * len(true),
        "accounts_scored": len(true),
        "skipped": 2 * (accounts.count() - len(true)),
        "failures": 0,
    }
    told = run_in_history(admin, schedule)
    assert told.job_id == job.pk
    assert {name: told.metrics[name] for name in metrics} == metrics
    details = text_of(admin, f"{SCHEDULES}history/{told.id}/")
    assert all(f"{name.replace('_', ' ')} <b>{number:,}</b>" in details for name, number in metrics.items())
    assert points_in_chart(alice) == sum(true.values()) > 0
    assert points_in_chart(User.objects.get(coach_profile__organization__name="South High")) is None


@pytest.mark.fault
def test_a_run_killed_while_it_asks_the_platform_is_made_up_by_the_next_worker(
    platform: Platform, alice: User, admin: Client, start_worker: StartWorker
) -> None:
    platform.faults(latency_ms=SLOW)
    killed = start_worker()
    schedule = schedule_for(admin, alice)
    eventually(lambda: platform.requests()["total"] >= 10, "it asks the platform")
    kill(killed)
    platform.faults(latency_ms=LATENCY)
    assert job_of(schedule).status == Status.RUNNING
    assert not Snapshot.objects.exists()

    assert_made_up(platform, schedule, start_worker, alice)

    assert run_in_history(admin, schedule).status == Status.SUCCEEDED


@pytest.mark.fault
def test_a_run_killed_when_it_has_stored_and_scored_all_but_told_nobody_doubles_nothing(
    platform: Platform, alice: User, admin: Client, start_worker: StartWorker
) -> None:
    platform.faults(latency_ms=SLOW)
    killed = start_worker()
    schedule = schedule_for(admin, alice)
    eventually(lambda: platform.requests()["total"], "it asks the platform")
    # From here on nobody hears what the process says that runs the job.
    killed.signal(signal.SIGSTOP)
    platform.faults(latency_ms=LATENCY)
    true = true_points(platform, alice)
    try:
        eventually(lambda: ScorePoint.objects.count() == len(true), "all accounts are scored")
    finally:
        kill(killed)
    job = job_of(schedule)
    assert (job.status, job.checkpoint) == (Status.RUNNING, None)
    assert_all_is_there(job, true)

    assert_made_up(platform, schedule, start_worker, alice)

    assert run_in_history(admin, schedule).metrics["accounts_scored"] == len(true)


def schedule_for(client: Client, coach: User) -> Schedule:
    """One that collects the solves and events of this coach every hour, made with the admin's form."""
    page = client.get(ADD, {"task_type": "data_collection_and_scoring"})
    chosen: Data = {
        "name": "points of North High",
        "kind": "interval",
        "interval_0": "3600",
        "scope-organization": str(coach.coach_profile.organization_id),
        "scope-coach": str(coach.pk),
        "payload-collectors": ["solves", "events"],
    }
    answer = client.post(ADD, {**filled_in(page), **chosen})
    assert answer.status_code == 302, errors(answer)
    return Schedule.objects.get(name=chosen["name"])


def job_of(schedule: Schedule) -> Job:
    """The job of its first occurrence, as soon as it is there."""
    jobs = Job.objects.filter(schedule=schedule)
    eventually(jobs.exists, "the schedule fires")
    return jobs.earliest("id")


def true_points(platform: Platform, coach: User) -> dict[UUID, int]:
    """The points of each account of this coach that the platform has approved, as the platform has them."""
    users = {UUID(id_): user for id_, user in platform.truth().items() if user["status"] == "approved"}
    mine = Account.objects.competitors(coach.pk).values_list("pk", flat=True)
    return {id_: users[id_]["odl_points"] + users[id_]["flash_points"] for id_ in mine if id_ in users}


def assert_all_is_there(job: Job, true: dict[UUID, int]) -> None:
    """Each of these accounts, and no other, has one snapshot of each chosen collector and the right points."""
    found = Snapshot.objects.values_list("account", "collector", "job_id").annotate(Count("pk"))
    assert sorted(found) == sorted((id_, name, job.pk, 1) for id_ in true for name in ("solves", "events"))
    assert sorted(ScorePoint.objects.values_list("account", "points")) == sorted(true.items())


def assert_made_up(platform: Platform, schedule: Schedule, start_worker: StartWorker, coach: User) -> None:
    """The next worker takes over the lost job of the schedule, and leaves everything as if nothing had happened."""
    start_worker()
    job = succeeded(job_of(schedule).pk)
    assert [attempt.outcome for attempt in attempts(job)] == [AttemptOutcome.LOST, AttemptOutcome.SUCCEEDED]
    assert_all_is_there(job, true_points(platform, coach))


def run_in_history(client: Client, schedule: Schedule) -> Run:
    """The one run on the schedule's history page that has ended."""
    page: Any = client.get(f"{SCHEDULES}{schedule.pk}/history/")
    runs: list[Run] = [run for run in page.context_data["runs"] if run.finished_at]
    (run,) = runs
    assert f'href="{SCHEDULES}history/{run.id}/' in page.content.decode()
    return run


def points_in_chart(coach: User) -> int | None:
    """Today's points by the chart on the page of this coach; None if it says that there are none yet."""
    client = Client()
    client.force_login(coach)
    page = text_of(client, "/dashboard/")
    label = re.search(r'aria-label="Line chart of the points [^"]* ([\d,]+) today"', page)
    assert (label is None) == ("No scores yet: they come with scheduled scoring." in page)
    return int(label[1].replace(",", "")) if label else None


def text_of(client: Client, path: str) -> str:
    """The source of a page."""
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def kill(worker: WorkerProcess) -> None:
    """kill -9 of everything at once."""
    worker.signal_all(signal.SIGKILL)
    worker.wait()
    worker.wait_until_gone()
