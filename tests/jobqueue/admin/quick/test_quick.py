"""The buttons of quick actions above the job list, and the log that follows what they started."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from jobqueue.models import AuditEntry, Job, QuickRun
from jobqueue.pauses import pause
from jobqueue.scopes import Scope
from jobqueue.testing import run_job
from tests.jobqueue.admin.pages import JOBS, said
from tests.jobqueue.factories import make_worker
from tests.jobqueue.quick import NAME

START, LOG = f"{JOBS}quick/start/", f"{JOBS}quick/log/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def dave(settings: Settings, db: None) -> User:
    """The one coach to choose."""
    dave = User.objects.create(username="dave")
    coaches = Scope(name="coach", label="Coach", choices=lambda: User.objects.filter(username="dave"))
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "QUICK_ACTIONS": NAME, "SCOPES": [coaches]}
    return dave


def start(client: Client, action: str = "both", **more: Any) -> str:
    """What the log says after the button was pressed."""
    return client.post(START, {"action": action, **more}, headers=HTMX).content.decode()


def log(client: Client, **query: Any) -> str:
    return client.get(LOG, query, headers=HTMX).content.decode()


def steps() -> list[Job]:
    """The jobs of the newest run."""
    run = QuickRun.objects.first()
    assert run is not None
    return [Job.objects.get(pk=step["job"]) for step in run.steps]


def test_the_list_has_a_button_for_each_action_a_coach_and_a_dry_run(alice: Client) -> None:
    page = alice.get(JOBS).content.decode()
    for expected in ("Quick Actions", "Fetches, then counts.", 'value="fetch-only"', "quick-coach", "quick-dry_run"):
        assert expected in page


def test_a_project_without_quick_actions_has_no_buttons(alice: Client, settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "QUICK_ACTIONS": ()}
    assert "quick-log" not in alice.get(JOBS).content.decode()


def test_the_log_follows_each_step_to_its_result(alice: Client) -> None:
    make_worker()
    shown = start(alice)
    fetching, counting = steps()
    assert "Waits for step 1." in shown
    assert fetching.short_id in shown
    Job.objects.filter(pk=fetching.pk).update(
        status="running", worker=make_worker(), claim=1, progress_done=1, progress_total=2, progress_message="half"
    )
    assert "1 / 2" in (shown := log(alice))
    assert "half" in shown
    Job.objects.filter(pk=fetching.pk).update(status="pending", worker=None)
    run_job(fetching.pk)
    assert "12 fetched." in log(alice)
    run_job(counting.pk)
    shown = log(alice)
    assert "counted <b>12</b>" in shown
    assert "by coach <b>2</b>" in shown
    assert "every 2s" not in shown


def test_the_log_survives_a_reload_and_is_seen_by_others(alice: Client, bob: Client) -> None:
    start(alice)
    for client in (alice, bob):
        page = client.get(JOBS).content.decode()
        assert "Waits for step 1." in page
    assert 'value="fetch-only"' not in page
    assert "Cancel…" not in bob.get(LOG).content.decode()


def test_a_dry_run_shows_what_would_change_and_all_of_it_on_its_page(alice: Client) -> None:
    start(alice, "fetch-only", **{"quick-dry_run": "on"})
    (job,) = steps()
    assert job.payload["dryRun"] is True
    run_job(job.pk)
    shown = log(alice)
    assert "dry run" in shown
    assert "<td>&lt;b&gt;7&lt;/b&gt;</td>" in shown
    assert "<td>&lt;b&gt;8&lt;/b&gt;</td>" not in shown
    assert "Show all 12" in shown
    page = alice.get(f"{JOBS}quick/{QuickRun.objects.get().pk}/").content.decode()
    assert "<td>&lt;b&gt;11&lt;/b&gt;</td>" in page


def test_a_run_for_one_coach_says_so(alice: Client, dave: User) -> None:
    shown = start(alice, **{"quick-coach": str(dave.pk)})
    assert {job.payload["coachId"] for job in steps()} == {dave.pk}
    assert "dave" in shown


def test_a_second_press_joins_what_is_pending(alice: Client) -> None:
    start(alice)
    shown = start(alice)
    assert "It joined the fetching that is already pending: no second job was made." in shown
    assert Job.objects.count() == 2


def test_a_failed_step_shows_its_error_and_can_be_retried(alice: Client) -> None:
    start(alice, "broken")
    fetching, _ = steps()
    run_job(fetching.pk)
    shown = log(alice)
    assert "There is no such source." in shown
    assert "Waits for step 1." in shown
    assert f"{fetching.pk}/do/retry/" in shown


def test_it_says_why_nothing_happens(alice: Client) -> None:
    pause(reason="maintenance")
    assert "Everything is paused" in start(alice)


def test_a_job_that_was_deleted_leaves_its_step(alice: Client) -> None:
    start(alice, "fetch-only")
    Job.objects.all().delete()
    assert "Its job was deleted." in log(alice)


def test_a_result_that_its_summary_does_not_understand_shows_its_numbers(alice: Client) -> None:
    start(alice, "fetch-only")
    (job,) = steps()
    run_job(job.pk)
    Job.objects.filter(pk=job.pk).update(result={"other": 3})
    assert "other <b>3</b>" in log(alice)


def test_a_log_without_news_is_not_sent_again(alice: Client, bob: Client) -> None:
    assert alice.get(LOG, {"done": ""}, headers=HTMX).status_code == 204
    start(alice, "fetch-only")
    (job,) = steps()
    assert alice.get(LOG, {"done": ""}, headers=HTMX).status_code == 200
    run_job(job.pk)
    seen = {"done": str(QuickRun.objects.get().pk)}
    assert bob.get(LOG, seen, headers=HTMX).status_code == 204
    start(alice, "fetch-only")
    assert bob.get(LOG, seen, headers=HTMX).status_code == 200


def test_without_javascript_it_answers_with_the_list_and_a_message(alice: Client) -> None:
    response = alice.post(START, {"action": "both"})
    assert response.status_code == 302
    assert response["Location"] == f"{JOBS}#quick-log"
    assert said(response) == ["Both is started."]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"action": "all"}, "There is no quick action &#x27;all&#x27;: expected both"),
        ({}, "There is no quick action"),
        ({"action": "both", "quick-coach": "999"}, "Coach: Select a valid choice"),
        ({"action": "both", "quick-coach": "x\0"}, "Coach: Select a valid choice"),
        ({"action": "broken", "quick-dry_run": "on"}, "Add one has no dry run"),
    ],
)
def test_what_cannot_be_started_says_why_and_is_recorded(alice: Client, data: dict[str, str], told: str) -> None:
    shown = alice.post(START, data, headers=HTMX).content.decode()
    assert "Nothing was started." in shown
    assert told in shown
    assert not Job.objects.exists()
    assert AuditEntry.objects.get().is_refused


def test_it_starts_by_post_alone(alice: Client) -> None:
    assert alice.get(START, {"action": "both"}).status_code == 405
    assert not Job.objects.exists()


def test_who_may_only_look_is_refused_and_recorded(bob: Client) -> None:
    assert bob.post(START, {"action": "both"}).status_code == 403
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id, entry.actor, entry.is_refused) == ("QUICK_ACTION", "both", "bob", True)
    assert not Job.objects.exists()


def test_a_stranger_sees_no_log(client: Client, sign_in: Any) -> None:
    assert client.get(LOG).status_code == 302
    assert sign_in("erin").get(LOG).status_code == 403


def test_the_log_of_many_runs_takes_no_more_queries(alice: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            log(alice)
        return len(captured)

    start(alice, "fetch-only")
    run_job(steps()[0].pk)
    one = queries()
    for _ in range(6):
        start(alice, "fetch-only")
        run_job(steps()[0].pk)
    assert queries() == one
