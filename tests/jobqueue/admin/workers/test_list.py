"""The list of workers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobqueue.admin.workers.rows import state_of
from jobqueue.models import Worker
from jobqueue.states import Status
from tests.jobqueue.factories import make_job, make_jobs, make_worker

WORKERS = "/admin/jobqueue/worker/"


@pytest.mark.parametrize(
    ("ages", "label"),
    [
        ({}, "Running"),
        ({"stopped_at": timedelta()}, "Stopped"),
        ({"lost_at": timedelta()}, "Lost"),
        ({"beat_at": timedelta(minutes=7)}, "No beat for 7 min"),
    ],
)
def test_the_state_is_read_from_marks_and_beat(db: None, ages: dict[str, timedelta], label: str) -> None:
    now = timezone.now()

    assert state_of(make_worker(**{name: now - age for name, age in ages.items()})).label == label


def test_a_worker_that_sleeps_says_so(db: None) -> None:
    assert state_of(make_worker(is_sleeping=True)).label == "Sleeping"


def test_a_worker_whose_slots_are_busy_does_not_sleep(alice: Client) -> None:
    make_job(Status.RUNNING, worker=make_worker(is_sleeping=True))
    response: Any = alice.get(WORKERS)
    assert [state.label for _, state in response.context_data["rows"]] == ["Running"]


def test_a_row_shows_the_process_and_what_it_runs_now(alice: Client) -> None:
    worker = make_worker(host="host-9", pid=815, queues=["sync"], jobs_done=12_345, memory_mib=77)
    make_jobs(2, Status.RUNNING, worker=worker)
    make_job(Status.RUNNING)
    response: Any = alice.get(WORKERS)
    page = response.content.decode()
    for shown in ("host-9", "815", "sync", "12,345", "77 MiB", "Running"):
        assert shown in page
    running = {row.host: row.running for row, _ in response.context_data["rows"]}
    assert running == {"host-9": 2, "host-1": 1}


def test_the_list_costs_the_same_for_one_and_for_many(alice: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            alice.get(WORKERS)
        return len(captured)

    make_job(Status.RUNNING)
    alone = queries()
    make_jobs(20, Status.RUNNING)
    assert queries() == alone


def test_it_refreshes_only_its_rows(alice: Client) -> None:
    make_worker(host="host-9")
    part = alice.get(WORKERS, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "host-9" in part


def test_no_worker_yet_says_how_to_start_one(alice: Client) -> None:
    assert b"run_worker" in alice.get(WORKERS).content


def test_workers_are_not_edited(alice: Client) -> None:
    worker = make_worker()
    assert alice.post(f"{WORKERS}{worker.pk}/change/", {"host": "x"}).status_code == 403
    assert alice.get(f"{WORKERS}add/").status_code == 403
    assert Worker.objects.get().host == "host-1"
