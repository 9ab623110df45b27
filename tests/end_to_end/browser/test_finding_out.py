"""Workflow: find out why data is not arriving, by nothing but the dashboard and where it leads."""

import pytest
from django.core.management import call_command
from playwright.sync_api import Locator, expect

from jobqueue.api import Schedule
from jobqueue.states import Status
from tests.end_to_end.browser.person import Person
from tests.end_to_end.conftest import StartWorker
from tests.end_to_end.syncs import ask_for_sync, sync
from tests.gameplatform.platform import Platform
from tests.jobqueue.worker.outcomes import ended
from tests.jobqueue.worker.waiting import eventually


def _signal(ada: Person, label: str) -> Locator:
    """One link of the chain, read anew."""
    ada.open("/admin/")
    return ada.page.locator(".jq-signal", has=ada.page.get_by_role("heading", name=label))


def test_processing_is_paused(ada: Person, start_worker: StartWorker) -> None:
    start_worker()
    call_command("pause_processing", "--reason", "moving the database")
    signal = _signal(ada, "Processing")
    expect(ada.page.get_by_role("heading", name="Processing is off")).to_be_visible()
    expect(signal).to_contain_text("moving the database")

    signal.get_by_role("link").click()

    expect(ada.page.get_by_role("button", name="Resume").first).to_be_visible()
    ada.check_quiet()


def test_no_worker_runs(ada: Person) -> None:
    signal = _signal(ada, "Workers")
    expect(ada.page.get_by_role("heading", name="Broken")).to_contain_text("Workers")
    expect(signal).to_contain_text("manage.py run_worker")

    signal.get_by_role("link").click()

    ada.sees("No worker")
    ada.check_quiet()


def test_the_platform_refuses_the_token(ada: Person, start_worker: StartWorker, platform: Platform) -> None:
    start_worker()
    platform.faults(expired_token=True)
    job = ended(ask_for_sync())
    assert job.status == Status.FAILED
    assert "The latest run stopped" in (_signal(ada, "Game platform").text_content() or "")
    signal = _signal(ada, "Failures")
    expect(signal).to_contain_text("AUTH_ERROR")

    signal.get_by_role("link").click()
    ada.page.get_by_role("link", name=job.short_id, exact=True).click()
    expect(ada.page.locator("#content, main").first).to_contain_text("AUTH_ERROR")
    ada.page.get_by_role("link", name="What to do about it").click()

    ada.sees("GAME_PLATFORM_API_TOKEN")
    ada.check_quiet()


def test_the_platform_is_out_of_order(ada: Person, start_worker: StartWorker, platform: Platform) -> None:
    start_worker()
    platform.faults(rate5xx=1.0)
    ask_for_sync()
    signal = _signal(ada, "Game platform")
    eventually(lambda: "The latest run stopped" in (_signal(ada, "Game platform").text_content() or ""), "it is told")

    signal.get_by_role("link").click()

    ada.sees("stopped")
    ada.check_quiet()


@pytest.mark.parametrize("is_active", [True, False])
def test_the_schedule_is_switched_off(ada: Person, start_worker: StartWorker, is_active: bool) -> None:
    start_worker()
    sync()
    Schedule.objects.filter(task_type="game_platform_sync").update(is_active=is_active)
    signal = _signal(ada, "Sync schedule")
    expect(signal).to_contain_text("The next sync is due" if is_active else "Nothing syncs by itself")

    signal.get_by_role("link").click()

    switch = ada.row("game_platform_sync_incremental").get_by_role("switch")
    expect(switch).to_have_attribute("aria-checked", "true" if is_active else "false")
    ada.check_quiet()
