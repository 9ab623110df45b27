"""Workflow: pause for maintenance, see that everybody can tell, and resume."""

from playwright.sync_api import expect

from jobqueue.api import Job
from jobqueue.models import Pause
from jobqueue.states import Status
from tests.end_to_end.browser.person import Person
from tests.end_to_end.conftest import StartWorker
from tests.end_to_end.syncs import ask_for_sync
from tests.jobqueue.worker.waiting import eventually


def test_processing_is_paused_for_maintenance_and_resumed(ada: Person, start_worker: StartWorker) -> None:
    start_worker()
    ada.follow("Job Queue")
    ada.page.get_by_role("link", name="Turn off…").click()
    dialog = ada.page.locator("#modal-content")
    dialog.get_by_label("Reason").fill("moving the database")
    dialog.locator("button[type=submit]").click()

    ada.sees("moving the database")
    assert Pause.objects.get().reason == "moving the database"
    id_ = ask_for_sync()
    expect(ada.page.get_by_role("button", name="Turn on")).to_contain_text("start 1")
    assert Job.objects.get(pk=id_).status == Status.PENDING

    ada.page.get_by_role("button", name="Turn on").click()

    expect(ada.page.get_by_role("link", name="Turn off…")).to_be_visible()
    eventually(lambda: Job.objects.get(pk=id_).status == Status.SUCCEEDED, "what waited is run")
    expect(ada.row(str(id_)[-8:])).to_contain_text("Succeeded")
    ada.check_quiet()
