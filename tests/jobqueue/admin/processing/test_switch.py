"""The switch "Automatic Processing" and the list of pauses."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.utils import timezone

from jobqueue.models import Pause
from jobqueue.models.pause import PauseScope
from jobqueue.pauses import pause
from tests.jobqueue.admin.pages import JOBS, said
from tests.jobqueue.factories import make_jobs

STOP = "/admin/jobqueue/pause/stop/"
PAUSES = "/admin/jobqueue/pause/"
ANSWER = {"_form_submitted": "True", "what": "everything", "reason": "maintenance", "minutes": ""}


def test_turning_off_keeps_who_and_why_and_the_list_shows_it(alice: Client) -> None:
    make_jobs(3)
    response = alice.post(STOP, ANSWER)
    row = Pause.objects.get()
    assert (row.scope, row.reason, row.ends_at) == (PauseScope.EVERYTHING, "maintenance", None)
    assert row.created_by == User.objects.get(username="alice")
    assert said(response) == ["Paused: Everything."]
    page = alice.get(JOBS).content.decode()
    for shown in ("OFF", "alice switched it off", "maintenance", "3 waiting", "Turn on, start 3"):
        assert shown in page


def test_turning_off_without_a_reason_is_refused(alice: Client) -> None:
    response = alice.post(STOP, {**ANSWER, "reason": " "})
    assert b"This field is required" in response.content
    assert not Pause.objects.exists()


def test_a_pause_may_end_by_itself_and_concern_one_queue(alice: Client) -> None:
    alice.post(STOP, {**ANSWER, "what": "queue:default", "minutes": "60"})
    row = Pause.objects.get()
    assert (row.scope, row.name) == (PauseScope.QUEUE, "default")
    assert row.ends_at is not None
    assert timedelta(minutes=59) < row.ends_at - timezone.now() <= timedelta(minutes=60)
    page = alice.get(JOBS).content.decode()
    assert "ON</span>" in page
    assert "<code>default</code> is paused" in page


def test_turning_on_is_a_post(alice: Client) -> None:
    row = pause(reason="maintenance")
    resume = f"{PAUSES}{row.pk}/resume/"
    assert alice.get(resume).status_code == 405
    assert Pause.objects.exists()
    response = alice.post(resume)
    assert not Pause.objects.exists()
    assert said(response) == ["Resumed: Everything."]
    assert alice.post(resume).status_code == 404


def test_looking_at_the_question_stops_nothing(alice: Client) -> None:
    assert alice.get(STOP, ANSWER).status_code == 200
    assert not Pause.objects.exists()


def test_a_pause_that_is_over_leaves_processing_on(alice: Client) -> None:
    pause(reason="maintenance", ends_at=timezone.now() - timedelta(seconds=1))
    assert "ON</span>" in alice.get(JOBS).content.decode()


@override_settings(JOB_QUEUE={"DISABLED": True})
def test_the_setting_that_disables_everything_is_shown_and_offers_no_switch(alice: Client) -> None:
    page = alice.get(JOBS).content.decode()
    assert "JOB_QUEUE_DISABLED" in page
    assert "Turn off" not in page


def test_who_may_only_look_can_neither_stop_nor_resume(bob: Client) -> None:
    row = pause(reason="maintenance")
    assert bob.post(STOP, ANSWER).status_code == 403
    assert bob.post(f"{PAUSES}{row.pk}/resume/").status_code == 403
    assert Pause.objects.get() == row
    for page in (JOBS, PAUSES):
        content = bob.get(page).content
        assert b"maintenance" in content
        assert b"/resume/" not in content


def test_the_list_of_pauses_shows_them_or_says_that_there_are_none(alice: Client) -> None:
    assert b"Nothing is paused" in alice.get(PAUSES).content
    pause(scope=PauseScope.TASK_TYPE, name="noop", reason="<b>broken</b>")
    content = alice.get(PAUSES).content
    assert b"&lt;b&gt;broken&lt;/b&gt;" in content
    assert b"Resume" in content


@pytest.mark.parametrize("what", ["queue:no-such-queue", "task_type:unknown", "everything:x", ""])
def test_only_known_things_can_be_paused(alice: Client, what: str) -> None:
    alice.post(STOP, {**ANSWER, "what": what})
    assert not Pause.objects.exists()
