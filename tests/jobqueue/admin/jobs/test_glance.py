"""What somebody who never saw the job list finds in it at once."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from jobqueue.pauses import pause
from jobqueue.states import Status
from tests.jobqueue.admin.pages import JOBS
from tests.jobqueue.factories import make_job, make_jobs, make_schedule, make_worker


def _part(page: str, name: str) -> str:
    return page.partition(f'aria-label="{name}"')[2].partition("</section>")[0]


def test_what_fails_most_comes_first_and_leads_to_its_jobs(alice: Client) -> None:
    make_jobs(2, Status.DEAD, error_code="TIMEOUT")
    make_jobs(3, Status.RETRYING, error_code="TIMEOUT")
    make_job(Status.FAILED, task_type="add_one", error_code="NOT_FOUND")
    make_job(Status.FAILED, error_code="LONG_AGO", finished_at=timezone.now() - timedelta(hours=2))

    failing = _part(alice.get(JOBS).content.decode(), "Failing now")

    assert failing.index("TIMEOUT</code>") < failing.index("NOT_FOUND</code>")
    assert "<b>5</b>" in failing
    assert "3 retrying" in failing
    assert "LONG_AGO" not in failing
    assert "?status=failed,dead,retrying&amp;task_type=noop&amp;error_code=TIMEOUT" in failing
    assert "Nothing failed in the last hour" not in failing


def test_what_runs_and_for_how_long(alice: Client) -> None:
    make_job(Status.RUNNING, task_type="add_one", progress_done=3, progress_total=8)
    running = _part(alice.get(JOBS).content.decode(), "Running now")
    assert "Add one" in running
    assert 'value="3" max="8"' in running


def test_which_schedules_come_next(alice: Client) -> None:
    make_schedule("a later one", next_run_at=timezone.now() + timedelta(hours=3))
    soon = make_schedule("the next one")
    soon.next_run_at = timezone.now() + timedelta(seconds=90)
    soon.save()
    make_schedule("switched off", is_active=False)

    upcoming = _part(alice.get(JOBS).content.decode(), "Next runs")

    assert upcoming.index("the next one") < upcoming.index("a later one")
    assert "in 1 min" in upcoming
    assert "switched off" not in upcoming


def test_processing_that_is_on_without_a_worker_is_told(alice: Client) -> None:
    assert "no worker is running" in _part(alice.get(JOBS).content.decode(), "Automatic processing")
    make_worker()
    assert "1 worker starts jobs" in _part(alice.get(JOBS).content.decode(), "Automatic processing")


def test_a_pause_is_told_beside_the_schedules_that_go_on(alice: Client) -> None:
    make_schedule()
    pause(reason="maintenance")
    page = alice.get(JOBS).content.decode()
    assert "maintenance" in _part(page, "Automatic processing")
    assert "They only queue up while processing is off" in _part(page, "Next runs")


def test_a_quiet_queue_says_so(alice: Client) -> None:
    page = alice.get(JOBS).content.decode()
    assert "Nothing failed in the last hour" in _part(page, "Failing now")
    assert "Nothing runs at the moment" in _part(page, "Running now")
    assert "No schedule is active" in _part(page, "Next runs")
