"""Workflow: retry all failed jobs of the last hour, a hundred thousand of them; watch it, stop it, and undo it."""

from django.db import connection
from playwright.sync_api import expect

from jobqueue.models import Job
from jobqueue.pauses import pause
from jobqueue.states import Status
from tests.end_to_end.browser.person import Person
from tests.end_to_end.conftest import StartWorker

_MANY = 100_000
_INSERT = """
INSERT INTO jobqueue_job (id, task_type, status, attempts, run_at, created_at, started_at, finished_at, error_code)
SELECT ('01900000-' || lpad(to_hex(n / 65536), 4, '0') || '-7000-8000-' || lpad(to_hex(n %% 65536), 12, '0'))::uuid,
       'job_queue_cleanup', CASE WHEN n %% 10 = 0 THEN 'dead' ELSE 'failed' END,
       1, now(), now(), now(), now(), 'TIMEOUT'
FROM generate_series(1, %(number)s) AS n
"""


def test_a_hundred_thousand_are_retried_watched_stopped_and_restored(ada: Person, start_worker: StartWorker) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {"number": _MANY})
    pause(reason="the retried jobs are to be restored, not run")
    start_worker()
    ada.follow("Job Queue")

    ada.page.get_by_role("link", name="Failed in the last hour").click()
    expect(ada.page.get_by_role("list", name="Filters that are on")).to_contain_text("Finished: last hour")
    ada.page.get_by_role("link", name="Retry all matching…").click()
    dialog = ada.page.locator("#modal-content")
    for numbers in ("Failed", "90,000", "Dead", "10,000", "TIMEOUT", "100,000 will be retried"):
        expect(dialog).to_contain_text(numbers)
    assert not Job.objects.filter(status=Status.PENDING).exists()
    ada.check_accessibility()
    dialog.get_by_label("Reason").fill("the platform is back")
    dialog.get_by_role("button", name="Retry 100,000 jobs").click()

    ada.page.wait_for_url("**/bulkoperation/*/change/")
    expect(ada.page.locator("#bulk")).to_contain_text("the platform is back")
    expect(ada.page.locator("#bulk progress")).not_to_have_attribute("value", "0")
    ada.page.get_by_role("button", name="Stop").click()
    expect(ada.page.get_by_role("button", name="Undo")).to_be_visible()
    retried = Job.objects.filter(task_type="job_queue_cleanup", status=Status.PENDING).count()
    assert 0 < retried < _MANY

    ada.page.get_by_role("button", name="Undo").click()

    expect(ada.page.locator("#bulk .jq-pill")).to_have_text("Undone")
    expect(ada.page.locator("#bulk")).to_contain_text(f"Undone{retried:,}")
    states = Job.objects.filter(task_type="job_queue_cleanup")
    assert states.filter(status=Status.FAILED).count() == 90_000
    assert states.filter(status=Status.DEAD).count() == 10_000
    ada.check_layout()
    ada.check_quiet()
