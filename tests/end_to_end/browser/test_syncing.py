"""Workflows: sync everything now, sync one coach, and preview a sync without writing."""

from uuid import UUID

from django.contrib.auth.models import User
from playwright.sync_api import Locator, expect

from gameplatform.models import Account, Solve
from jobqueue.models import Dependency
from tests.end_to_end.browser.person import Person
from tests.end_to_end.conftest import StartWorker
from tests.end_to_end.mirror import check_mirror
from tests.gameplatform.platform import Platform


def _newest_run(ada: Person) -> Locator:
    """In the execution log."""
    return ada.page.get_by_role("log", name="Execution log").locator("article").first


def test_everything_is_synced_and_watched_to_its_result(
    ada: Person, start_worker: StartWorker, platform: Platform
) -> None:
    platform.faults(latency_ms=300)
    start_worker()
    ada.follow("Job Queue")

    ada.page.get_by_role("button", name="Full Sync").click()

    run = _newest_run(ada)
    expect(run).to_contain_text("Waits for step 1")
    expect(run.get_by_role("progressbar").or_(run.locator("progress")).first).to_be_visible()
    ada.page.reload()  # whoever leaves the page loses nothing
    steps = run.locator("li.jq-succeeded")
    expect(steps).to_have_count(2)
    expect(run).to_contain_text("new solves")
    check_mirror(platform)
    assert Dependency.objects.get().parent.task_type == "game_platform_sync"
    run.get_by_role("link", name="Job").first.click()
    ada.sees("Succeeded")
    ada.check_quiet()


def test_one_coach_is_synced_and_nobody_else(ada: Person, start_worker: StartWorker, coaches: dict[UUID, User]) -> None:
    start_worker()
    hers, *others = coaches.values()
    ada.follow("Job Queue")
    ada.page.get_by_label("Coach", exact=True).select_option(label=hers.get_full_name())

    ada.page.get_by_role("button", name="Incremental Only").click()

    run = _newest_run(ada)
    expect(run).to_contain_text(hers.get_full_name())
    expect(run.locator("li.jq-succeeded")).to_have_count(1)
    assert Solve.objects.filter(account__coach=hers).exists()
    assert not Solve.objects.filter(account__coach__in=others).exists()
    ada.check_quiet()


def test_a_preview_tells_what_would_change_and_writes_nothing(ada: Person, start_worker: StartWorker) -> None:
    start_worker()
    ada.follow("Job Queue")
    ada.page.get_by_label("Dry run", exact=True).check()

    ada.page.get_by_role("button", name="Incremental Only").click()

    run = _newest_run(ada)
    expect(run).to_contain_text("dry run")
    expect(run.locator("li.jq-succeeded")).to_have_count(1)
    expect(run.locator("table")).to_be_visible()
    assert Account.objects.exists()
    assert not Solve.objects.exists()
    ada.check_quiet()
