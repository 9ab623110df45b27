"""The button "Run Worker": asks, runs one cycle in a process of its own, and tells how that went."""

import pytest
from django.test import Client
from django.urls import reverse

from jobqueue import pauses
from jobqueue.api import NewJob, enqueue, enqueue_many
from jobqueue.models import AuditEntry, Job, WorkerCycle
from jobqueue.states import Status
from tests.jobqueue.admin.pages import JOBS, said
from tests.jobqueue.worker.processes import environment

RUN = "/admin/jobqueue/worker/run/"


@pytest.fixture(autouse=True)
def _processes_use_this_database(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment().items():
        monkeypatch.setenv(name, value)


def test_it_is_on_the_job_list_for_operators_only(alice: Client, bob: Client) -> None:
    assert RUN in alice.get(JOBS).content.decode()
    page = bob.get(JOBS).content.decode()
    assert RUN not in page
    assert "#cron-health" in page


def test_looking_runs_nothing(alice: Client) -> None:
    page = alice.get(RUN).content.decode()

    assert "Run the worker once?" in page
    assert "Although everything is paused" not in page
    assert not WorkerCycle.objects.exists()


def test_it_runs_as_many_as_chosen_and_tells_so(alice: Client) -> None:
    enqueue_many([NewJob(task_type="noop")] * 4)

    response = alice.post(f"{RUN}?next={JOBS}", {"_form_submitted": "true", "limit": "3"})

    assert (response.status_code, response.headers["Location"]) == (302, JOBS)
    assert said(response) == ["3 jobs have run."]
    assert Job.objects.filter(status=Status.SUCCEEDED).count() == 3
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.channel) == ("WORKER_RUN", "alice", "admin")


def test_it_tells_the_first_error(alice: Client) -> None:
    enqueue("refuse")

    response = alice.post(RUN, {"_form_submitted": "true", "limit": "5"})

    assert said(response) == ["1 job has run and failed. refuse: NOT_FOUND, There is no such thing."]


def test_a_pause_holds_unless_somebody_says_otherwise(alice: Client) -> None:
    pauses.pause(reason="maintenance")
    enqueue("noop")

    assert said(alice.post(RUN, {"_form_submitted": "true", "limit": "5"})) == ["Everything is paused: maintenance"]
    assert "Although everything is paused" in alice.get(RUN).content.decode()
    assert said(alice.post(RUN, {"_form_submitted": "true", "limit": "5", "force": "on"}))[-1] == "1 job has run."


@pytest.mark.parametrize("limit", ["0", "6", "many", ""])
def test_an_impossible_number_asks_again(alice: Client, limit: str) -> None:
    assert alice.post(RUN, {"_form_submitted": "true", "limit": limit}).status_code == 200
    assert not WorkerCycle.objects.exists()


def test_who_may_only_look_is_refused_and_that_is_recorded(bob: Client) -> None:
    enqueue("noop")

    assert bob.get(RUN).status_code == 403
    assert bob.post(RUN, {"_form_submitted": "true", "limit": "5"}).status_code == 403
    assert (AuditEntry.objects.get().action, AuditEntry.objects.get().is_refused) == ("WORKER_RUN", True)
    assert not WorkerCycle.objects.exists()


def test_its_address_has_a_name() -> None:
    assert reverse("admin:jobqueue_worker_run") == RUN
