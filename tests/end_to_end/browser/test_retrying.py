"""Workflow: retry all failed jobs of the last hour, knowing the numbers before."""

import pytest
from playwright.sync_api import expect

from jobqueue.api import Job
from jobqueue.states import Status
from tests.end_to_end.browser.person import Person
from tests.end_to_end.conftest import StartWorker
from tests.end_to_end.syncs import ask_for_sync
from tests.gameplatform.platform import Platform
from tests.jobqueue.worker.outcomes import ended
from tests.jobqueue.worker.waiting import eventually


@pytest.fixture
def failed(platform: Platform, start_worker: StartWorker) -> list[Job]:
    """Syncs of a bad hour: the platform refused the token, and has taken it back since."""
    platform.faults(expired_token=True)
    start_worker()
    jobs = [ended(ask_for_sync(coachId=None, forceFullSync=force)) for force in (False, True)]
    assert {job.status for job in jobs} == {Status.FAILED}
    platform.faults()
    return jobs


def test_what_failed_in_the_last_hour_is_counted_retried_and_succeeds(ada: Person, failed: list[Job]) -> None:
    ada.follow("Job Queue")
    expect(ada.page.get_by_role("region", name="Failing now")).to_contain_text("AUTH_ERROR")
    ada.page.get_by_role("link", name="Failed in the last hour").click()
    ada.page.get_by_role("link", name="Retry all").click()
    question = ada.page.locator("#modal-content")
    expect(question).to_contain_text("2 jobs are meant")
    expect(question).to_contain_text("AUTH_ERROR")
    assert not Job.objects.filter(status=Status.PENDING).exists(), "Asking retries nothing."

    question.get_by_role("button", name="Retry 2 jobs").click()

    ada.sees("2 retried")
    retried = Job.objects.filter(pk__in=[job.pk for job in failed], status=Status.SUCCEEDED)
    eventually(lambda: retried.count() == len(failed), "they succeed")
    ada.follow("Job Queue")
    expect(ada.row(failed[0].short_id)).to_contain_text("Succeeded")
    ada.check_quiet()
