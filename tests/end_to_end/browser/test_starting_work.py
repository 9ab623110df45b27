"""An administrator syncs everything by one button, previews a sync, and creates a job in the dialog."""

import pytest
from playwright.sync_api import expect

from gameplatform.models import Solve
from jobqueue.models import Job
from tests.end_to_end.browser.conftest import SignIn
from tests.end_to_end.browser.person import Person
from tests.end_to_end.conftest import StartWorker
from tests.end_to_end.mirror import check_mirror
from tests.gameplatform.platform import Platform

JOBS = "/admin/jobqueue/job/"


@pytest.mark.parametrize(("width", "color_scheme"), [(1400, "light"), (390, "dark")])
def test_a_full_sync_is_followed_live_to_its_end(
    sign_in: SignIn, start_worker: StartWorker, platform: Platform, width: int, color_scheme: str
) -> None:
    platform.faults(latency_ms=500)  # so that there is time to look
    ada = sign_in("ada", "Admin", width=width, color_scheme=color_scheme)
    ada.open(JOBS)
    ada.page.get_by_role("button", name="Full Sync").click()
    ada.sees("Waits for step 1.")
    start_worker()
    log = ada.page.locator("#quick-log")
    expect(log.locator("progress")).to_be_visible()
    expect(log.get_by_text("accounts added up anew")).to_be_visible()
    ada.check_layout()
    ada.page.reload()
    ada.sees("accounts added up anew")
    check_mirror(platform)
    ada.check_accessibility()
    ada.check_quiet()


def test_a_dry_run_shows_what_would_change_and_writes_nothing(ada: Person, start_worker: StartWorker) -> None:
    start_worker()
    ada.open(JOBS)
    ada.page.get_by_label("Dry run").check(force=True)
    ada.page.get_by_role("button", name="Incremental Only").click()
    told = ada.page.get_by_role("heading", name="What would change")
    expect(told).to_be_visible()
    ada.page.get_by_role("link", name="Details").first.click()
    expect(ada.page.get_by_role("link", name="Job list")).to_be_visible()
    expect(told).to_be_visible()
    ada.check_layout()
    ada.check_accessibility()
    assert not Solve.objects.exists()
    ada.check_quiet()


def test_a_job_is_created_and_edited_in_dialogs(ada: Person) -> None:
    ada.open(JOBS)
    ada.page.get_by_role("link", name="Create job").click()
    form = ada.page.locator("#job-form")
    form.get_by_label("Task type").select_option("game_platform_sync")
    ada.sees("Fetches new solves")
    form.get_by_label("Or after a delay").fill("soon")
    form.get_by_role("button", name="Create").click()
    ada.sees("'soon' is not a duration")
    ada.check_accessibility()
    form.get_by_label("Or after a delay").fill("2h")
    form.get_by_role("button", name="Create").click()
    ada.sees("1 job created")
    job = Job.objects.get()
    ada.open(f"{JOBS}{job.pk}/change/")
    ada.page.get_by_role("link", name="Edit…").click()
    form.get_by_label("Batch size").fill("7")
    form.get_by_role("button", name="Save").click()
    ada.sees("payload changed")
    job.refresh_from_db()
    assert job.payload["batchSize"] == 7
    ada.check_quiet()
