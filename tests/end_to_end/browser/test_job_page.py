"""A job's page before one's eyes: its log grows, what one reads stays, and it can be read by everybody everywhere."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from jobqueue.api import Job, enqueue
from jobqueue.models import LogLine
from jobqueue.states import AttemptOutcome, Status
from tests.end_to_end.browser.conftest import SignIn
from tests.end_to_end.browser.person import Person
from tests.jobqueue.factories import make_attempt, make_job

_SECOND_LINE = "document.querySelectorAll('.jq-log-line')[1].getBoundingClientRect().top"


def job_page(job: UUID) -> str:
    return f"/admin/jobqueue/job/{job}/change/"


def log(job: Job, numbers: range) -> None:
    """These lines of its log."""
    LogLine.objects.bulk_create(
        LogLine(
            job_id=job.pk,
            claim=1,
            number=number,
            time=timezone.now(),
            level=("INFO", "WARNING", "ERROR")[number % 3],
            text=f"step {number} of many, שלום 🎉 <b>",
        )
        for number in numbers
    )


def test_the_log_grows_and_stays_where_one_reads(ada: Person) -> None:
    job = make_job(Status.RUNNING, progress_done=1, progress_total=9)
    log(job, range(1, 101))
    ada.open(job_page(job.pk))
    tail = ada.page.locator(".jq-tail")
    tail.evaluate("tail => tail.scrollIntoView({ block: 'center' })")
    expect(ada.page.get_by_text("step 100 of many")).to_be_in_viewport()

    log(job, range(101, 111))
    expect(ada.page.get_by_text("step 110 of many")).to_be_in_viewport()

    tail.evaluate("tail => { tail.scrollTop = -tail.scrollHeight }")
    before = ada.page.evaluate(_SECOND_LINE)
    log(job, range(111, 131))
    Job.objects.filter(pk=job.pk).update(progress_done=7)
    expect(ada.page.locator(".jq-log-line")).to_have_count(130)
    expect(ada.page.get_by_text("7 / 9")).to_be_visible()
    assert ada.page.evaluate(_SECOND_LINE) == pytest.approx(before, abs=2)

    Job.objects.filter(pk=job.pk).update(
        status=Status.SUCCEEDED, worker=None, finished_at=timezone.now(), result={"written": 4}
    )
    expect(ada.page.locator("#job-state")).to_contain_text('"written": 4')
    expect(ada.page.locator("#job-poll[hx-get]")).to_have_count(0)
    ada.check_quiet()


def test_an_open_traceback_stays_open_and_a_dialog_stops_the_refresh(ada: Person) -> None:
    job = make_job(Status.RETRYING, run_at=timezone.now() + timedelta(hours=1), error_code="TIMEOUT")
    make_attempt(job)
    log(job, range(1, 4))
    ada.open(job_page(job.pk))
    ada.page.locator("#job-attempts summary").click()
    opened = ada.page.locator("#job-attempts .jq-frame-none").first
    expect(opened).to_contain_text("Traceback (most recent call last)")

    log(job, range(4, 6))
    expect(ada.page.locator("#job-log .jq-log-line")).to_have_count(5)
    expect(opened).to_be_visible()

    ada.page.get_by_role("link", name="Cancel…").click()
    expect(ada.page.locator("#modal-content form")).to_be_visible()
    asked: list[str] = []
    ada.page.on("request", lambda request: asked.append(request.url))
    ada.page.wait_for_timeout(5_000)
    assert not [url for url in asked if "log=" in url]
    ada.page.keyboard.press("Escape")
    log(job, range(6, 7))
    expect(ada.page.locator("#job-log .jq-log-line")).to_have_count(6)
    ada.check_quiet()


@pytest.mark.parametrize(("width", "color_scheme"), [(1400, "light"), (1400, "dark"), (390, "light"), (390, "dark")])
def test_a_page_full_of_everything_is_whole_and_open_to_everybody(
    sign_in: SignIn, width: int, color_scheme: str
) -> None:
    job = make_job(
        Status.DEAD, payload={"rows": [{"id": n, "name": "x" * n} for n in range(500)], "שם": "עדה 🎉"},
        error_code="NETWORK_ERROR", error_message="The platform answered\n503 " + "x" * 500,
        created_at=timezone.now() - timedelta(hours=3), tags=["nightly"], concurrency_key="k" * 200,
        concurrency_limit=2, unique_key="u" * 200, unique_states=["pending"],
    )  # fmt: skip
    for claim, outcome in enumerate(AttemptOutcome, start=1):
        make_attempt(job, claim, outcome=outcome)
    log(job, range(1, 50))
    for _ in range(12):
        enqueue("noop", depends_on=[job.pk])
    person = sign_in("ada", "Admin", width=width, color_scheme=color_scheme)

    person.open(job_page(job.pk))
    person.page.locator("#job-attempts summary").first.click()
    expect(person.page.locator("#job-attempts .jq-attempt").first).to_contain_text("no such account")

    person.check_layout()
    person.check_accessibility()
    person.check_quiet()
