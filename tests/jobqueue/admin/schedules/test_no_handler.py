"""Schedules whose task type no code of this version handles say so, and offer nothing that cannot be done."""

from django.test import Client
from django.utils import timezone

from jobqueue.models import Job, Schedule
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.pages import said

SCHEDULES = "/admin/jobqueue/schedule/"


def unknown(**fields: object) -> Schedule:
    given = {"name": "calendar", "task_type": "calendar_of_tomorrow", "expression": "0 * * * *", "is_active": False}
    return Schedule.objects.create(**{**given, **fields})


def known() -> Schedule:
    return unknown(name="noops", task_type="noop", is_active=True, next_run_at=timezone.now())


def editor(sign_in: SignIn) -> Client:
    return sign_in("erin", "operate_job", "view_schedule", "change_schedule")


def test_the_list_says_so_and_offers_neither_to_run_nor_to_switch_on(sign_in: SignIn) -> None:
    schedule = unknown()
    page = editor(sign_in).get(SCHEDULES).content.decode()

    assert "no handler yet" in page
    assert f'id="run-{schedule.pk}"' not in page
    assert f'id="resume-{schedule.pk}"' not in page
    switch = page.partition(f'id="switch-{schedule.pk}"')[2].partition(">")[0]
    assert switch.endswith("disabled")


def test_its_page_says_so_too(sign_in: SignIn) -> None:
    page = editor(sign_in).get(f"{SCHEDULES}{unknown().pk}/change/").content.decode()

    assert "no code for the task type <code>calendar_of_tomorrow</code>" in page
    assert "Run now</button>" not in page
    assert "Switch on</button>" not in page


def test_whoever_posts_it_all_the_same_is_told_why_not(sign_in: SignIn) -> None:
    schedule = unknown()
    client = editor(sign_in)

    assert "calendar_of_tomorrow" in said(client.post(f"{SCHEDULES}{schedule.pk}/switch/", {"active": "on"}))[0]
    client.post(f"{SCHEDULES}{schedule.pk}/run/")
    schedule.refresh_from_db()
    assert not schedule.is_active
    assert not Job.objects.exists()


def test_one_that_is_on_can_still_be_paused(sign_in: SignIn) -> None:
    schedule = unknown(is_active=True, next_run_at=timezone.now())
    client = editor(sign_in)

    assert f'id="pause-{schedule.pk}"' in client.get(SCHEDULES).content.decode()
    client.post(f"{SCHEDULES}{schedule.pk}/switch/", {"active": "off"})
    schedule.refresh_from_db()
    assert not schedule.is_active


def test_others_look_as_ever_and_can_be_paused_and_resumed(sign_in: SignIn) -> None:
    schedule = known()
    client = editor(sign_in)
    page = client.get(SCHEDULES).content.decode()

    assert "no handler yet" not in page
    assert f'id="run-{schedule.pk}"' in page
    assert f'id="pause-{schedule.pk}"' in page
    client.post(f"{SCHEDULES}{schedule.pk}/switch/", {"active": "off"})
    assert f'id="resume-{schedule.pk}"' in client.get(SCHEDULES).content.decode()


def test_its_empty_history_does_not_advise_what_cannot_be_done(sign_in: SignIn) -> None:
    page = editor(sign_in).get(f"{SCHEDULES}{unknown().pk}/history/").content.decode()

    assert "It cannot yet: this version has no code for" in page
    assert "switch it on" not in page
