"""Searching and filtering the job list: every filter, alone and together, and what cannot match."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from jobqueue import newest
from jobqueue.admin.jobs import changelist
from jobqueue.admin.jobs.filters import known_queues
from jobqueue.ids import first_id_at
from jobqueue.models import Job
from jobqueue.models.pause import PauseScope
from jobqueue.pauses import pause
from jobqueue.scopes import Scope
from jobqueue.states import Status
from tests.jobqueue.admin.pages import JOBS, listed
from tests.jobqueue.factories import make_job, make_jobs, make_schedule, make_worker


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
    old = make_job(id=first_id_at(timezone.now() - timedelta(hours=2)))
    ancient = make_job(id=first_id_at(timezone.now() - timedelta(days=8)))
    assert found(alice, date="hour") == {new}
    assert found(alice, date="week") == {new, old}
    assert found(alice) == {new, old, ancient}


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


def test_several_words_of_one_filter_widen_it(alice: Client) -> None:
    failed, dead = make_job(Status.FAILED), make_job(Status.DEAD)
    make_job()
    assert found(alice, status="failed,dead") == {failed, dead}


def test_each_filter_finds_its_jobs(alice: Client) -> None:
    user, schedule = User.objects.get(username="alice"), make_schedule("nightly")
    wanted = make_job(
        Status.DEAD, created_by=user, schedule=schedule, error_code="TIMEOUT", tags=["autumn"], fingerprint="a" * 16,
        payload={"coachId": 7, "dryRun": True},
    )  # fmt: skip
    make_job(Status.DEAD, error_code="OTHER", tags=["spring"], payload={"coachId": 77}, fingerprint="b" * 16)
    for name, value in {
        "created_by": "alice", "schedule": "nightly", "error_code": "TIMEOUT", "tag": "autumn", "fingerprint": "a" * 16,
    }.items():  # fmt: skip
        assert found(alice, **{name: value}) == {wanted}, name
    assert found(alice, schedule=str(schedule.pk)) == {wanted}


def test_a_coach_is_found_in_the_payload(alice: Client, settings: Any) -> None:
    settings.JOB_QUEUE = {
        **settings.JOB_QUEUE,
        "SCOPES": [Scope(name="coach", label="Coach", choices=User.objects.all)],
    }
    coach = User.objects.create_user("coach")
    wanted = make_job(payload={"coachId": coach.pk})
    make_job(payload={"coachId": coach.pk + 1})
    assert found(alice, coach=str(coach.pk)) == {wanted}
    page = alice.get(JOBS, {"coach": coach.pk}).content.decode()
    assert "Coach: <b><bdi>coach</bdi></b>" in page


def test_a_date_is_about_the_end_of_jobs_that_ended(alice: Client) -> None:
    hours = timedelta(hours=1)
    now = timezone.now()
    wanted = make_job(Status.FAILED, id=first_id_at(now - 3 * hours), finished_at=now - hours / 2)
    make_job(Status.FAILED, finished_at=now - 2 * hours)
    assert found(alice, status="failed,dead", date="hour") == {wanted}
    assert "Finished: <b><bdi>last hour" in alice.get(JOBS + "?status=failed,dead&date=hour").content.decode()


def test_from_and_before_are_read_in_the_site_s_zone(alice: Client) -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    wanted = make_job(id=first_id_at(noon))
    make_job(id=first_id_at(noon - timedelta(minutes=1)))
    make_job(id=first_id_at(noon + timedelta(minutes=1)))
    assert found(alice, since="2026-11-20T12:00", until="2026-11-20T12:01") == {wanted}


def test_a_text_is_found_in_payloads_and_errors_whatever_its_case(alice: Client) -> None:
    in_payload = make_job(payload={"note": "Straße 17, 100%_sure"})
    in_error = make_job(Status.FAILED, error_message="Connection RESET by peer")
    make_job(payload={"note": "1000sure"})
    assert found(alice, q="straße 17") == {in_payload}
    assert found(alice, q="100%_SURE") == {in_payload}
    assert found(alice, q="connection reset") == {in_error}


def test_a_search_does_not_tell_what_is_masked(alice: Client) -> None:
    make_job(payload={"apiToken": "correct-horse-battery"})
    page = alice.get(JOBS, {"q": "correct-horse"}).content.decode()
    assert "No job matches" in page
    assert "0 here" in page
    assert found(alice, q="apitoken") != set()


def test_what_is_chosen_is_told_with_a_way_to_clear_each(alice: Client) -> None:
    page = alice.get(JOBS + "?status=failed,dead&task_type=noop&q=x").content.decode()
    for label, value in (("Status", "Failed or Dead"), ("Type", "Noop"), ("Search", "x")):
        assert f"{label}: <b><bdi>{value}</bdi></b>" in page
    assert 'href="?q=x&amp;status=failed%2Cdead" aria-label="Clear Type"' in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=lost", "expected one of pending, running"),
        ("date=someday", "expected hour, today, week, or since and until"),
        ("since=yesterday", "expected a date and a time such as"),
        ("since=2026-13-40T10:00", "expected a date and a time such as"),
        ("since=2026-11-20T10:00&until=2026-11-20T09:00", "must be before until"),
        ("created_by=nobody", "expected the name of a user"),
        ("schedule=nobody", "expected its name or its number"),
        ("schedule=99999999999999999999999", "expected its name or its number"),
        ("fingerprint=xyz", "expected 16 digits"),
    ],
)
def test_a_filter_that_makes_no_sense_says_what_was_expected(alice: Client, query: str, expected: str) -> None:
    make_job()
    page = alice.get(f"{JOBS}?{query}").content.decode()
    assert expected in page
    assert "No job matches" in page


def test_a_search_that_reads_only_the_newest_says_so_and_goes_on(
    alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (newest, changelist):
        monkeypatch.setattr(module, "WINDOW", 3)
    old = make_job(payload={"note": "needle"})
    third, _, _ = make_jobs(3)
    page = alice.get(JOBS, {"q": "needle"}).content.decode()
    assert "Nothing among the newest 3 jobs" in page
    assert f"before={third.pk}" in page
    assert found(alice, q="needle", before=str(third.pk)) == {old}
