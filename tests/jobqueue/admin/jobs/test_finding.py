"""Searching and filtering the job list."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from jobqueue.admin.jobs.filters import first_id_of, known_queues
from jobqueue.ids import uuid7
from jobqueue.models import Job
from jobqueue.models.pause import PauseScope
from jobqueue.pauses import pause
from jobqueue.states import Status
from tests.jobqueue.admin.pages import listed
from tests.jobqueue.factories import make_job, make_schedule, make_worker


def found(client: Client, **query: str) -> set[Job]:
    return set(listed(client, **query))


def test_a_job_is_found_by_its_whole_or_its_short_id(alice: Client) -> None:
    job, _ = make_job(), make_job()
    for text in (str(job.pk), job.pk.hex, job.short_id, job.short_id.upper(), f" {job.short_id} "):
        assert found(alice, q=text) == {job}


def test_jobs_are_found_by_task_type_its_label_or_the_error_code(alice: Client) -> None:
    sum_, failed = make_job(task_type="add_one"), make_job(Status.FAILED, error_code="HTTP_500")
    gone = make_job(task_type="forgotten_type")
    assert found(alice, q="add_one") == {sum_}
    assert found(alice, q="Add one") == {sum_}
    assert found(alice, q="http_500") == {failed}
    assert found(alice, q="forgotten_type") == {gone}
    assert found(alice, q="nothing like it") == set()


@pytest.mark.parametrize("word", ["running", "RUNNING", "processing"])
def test_a_state_is_known_by_all_its_names(alice: Client, word: str) -> None:
    running, _ = make_job(Status.RUNNING), make_job()
    assert found(alice, status=word) == {running}


def test_an_unknown_state_finds_nothing(alice: Client) -> None:
    make_job()
    assert found(alice, status="lost") == set()


def test_filters_combine(alice: Client) -> None:
    wanted = make_job(Status.FAILED, queue="sync", task_type="add_one")
    make_job(Status.FAILED, queue="sync")
    make_job(Status.FAILED, task_type="add_one")
    assert found(alice, status="failed", queue="sync", task_type="add_one") == {wanted}


def test_age_is_read_from_the_id(alice: Client) -> None:
    new = make_job()
    old = make_job(id=first_id_of(timezone.now() - timedelta(hours=2)))
    ancient = make_job(id=first_id_of(timezone.now() - timedelta(days=8)))
    assert found(alice, created="hour") == {new}
    assert found(alice, created="week") == {new, old}
    assert found(alice) == {new, old, ancient}


def test_the_first_id_of_a_moment_is_below_every_id_made_in_it() -> None:
    before = first_id_of(timezone.now())
    assert before < uuid7() < first_id_of(timezone.now() + timedelta(seconds=1))
    assert before.version == 7


def test_queues_are_known_from_schedules_workers_and_pauses(db: None) -> None:
    make_schedule(queue="nightly")
    make_worker(queues=["sync", "slow"])
    pause(scope=PauseScope.QUEUE, name="mail", reason="the provider is down")
    pause(scope=PauseScope.TASK_TYPE, name="noop", reason="x")
    assert known_queues() == ["default", "mail", "nightly", "slow", "sync"]


@pytest.mark.parametrize("name", ["task_type", "queue", "status"])
def test_a_filter_value_that_no_column_can_hold_matches_nothing(alice: Client, name: str) -> None:
    make_job()
    assert found(alice, **{name: "a\0b"}) == set()
