"""Workflow: sync one coach."""

from uuid import UUID

from django.contrib.auth.models import User
from playwright.sync_api import Locator, expect

from gameplatform.models import Solve
from tests.end_to_end.browser.person import Person
from tests.end_to_end.conftest import StartWorker


def _newest_run(ada: Person) -> Locator:
    """In the execution log."""
    return ada.page.get_by_role("log", name="Execution log").locator("article").first


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
