"""Whatever somebody does in the admin is in the audit log, and so is what they were refused."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from jobqueue.models import AuditEntry, Job, Schedule
from jobqueue.pauses import pause
from jobqueue.states import Status
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.pages import JOBS, answer, verb_url
from tests.jobqueue.admin.processing.test_switch import ANSWER, PAUSES, STOP
from tests.jobqueue.admin.schedules.test_screen import FIELDS, SCHEDULES
from tests.jobqueue.audited import the_entry
from tests.jobqueue.factories import make_job, make_jobs, make_schedule

type Deed = Callable[[Client], object]
YES = {"_form_submitted": "True", "reason": "I know why"}


@pytest.fixture
def carol(sign_in: SignIn) -> Client:
    """May do everything with schedules, and operate."""
    return sign_in(
        "carol", "operate_job", "delete_job", "view_schedule", "add_schedule", "change_schedule", "delete_schedule"
    )


def _job_verb(verb: str, status: Status) -> Deed:
    return lambda client: client.post(verb_url(make_job(status).pk, verb), YES)


def _list_action(action: str, status: Status) -> Deed:
    def act(client: Client) -> object:
        jobs = make_jobs(3, status)
        asked: Any = client.post(JOBS, {"action": action, "_selected_action": [str(job.pk) for job in jobs]})
        return answer(client, asked) if b'name="selection"' in asked.content else asked

    return act


def _schedule(address: str, **data: str) -> Deed:
    return lambda client: client.post(f"{SCHEDULES}{make_schedule().pk}/{address}/", data)


DEEDS: dict[str, tuple[Deed, str, str]] = {
    "retry": (_job_verb("retry", Status.DEAD), "JOB_RETRY", "job"),
    "run now": (_job_verb("run-now", Status.PENDING), "JOB_RUN_NOW", "job"),
    "cancel": (_job_verb("cancel", Status.PENDING), "JOB_CANCEL", "job"),
    "delete": (_job_verb("delete", Status.DEAD), "JOB_DELETE", "job"),
    "retry many": (_list_action("retry_jobs", Status.DEAD), "BULK_RETRY", "bulk operation"),
    "run many now": (_list_action("run_now_jobs", Status.PENDING), "JOB_RUN_NOW", "jobs"),
    "cancel many": (_list_action("cancel_jobs", Status.PENDING), "BULK_CANCEL", "bulk operation"),
    "delete many": (_list_action("delete_jobs", Status.DEAD), "BULK_DELETE", "bulk operation"),
    "stop": (lambda client: client.post(STOP, ANSWER), "PROCESSING_PAUSE", "processing"),
    "resume": (
        lambda client: client.post(f"{PAUSES}{pause(reason='x').pk}/resume/"), "PROCESSING_RESUME", "processing",
    ),
    "create schedule": (lambda client: client.post(f"{SCHEDULES}add/", FIELDS), "SCHEDULE_CREATE", "schedule"),
    "edit schedule": (_schedule("change", **FIELDS), "SCHEDULE_EDIT", "schedule"),
    "delete schedule": (_schedule("delete", post="yes"), "SCHEDULE_DELETE", "schedule"),
    "switch schedule": (_schedule("switch", active="off"), "SCHEDULE_EDIT", "schedule"),
    "run schedule": (_schedule("run"), "SCHEDULE_RUN", "schedule"),
}  # fmt: skip


@pytest.mark.parametrize(("deed", "action", "object_type"), DEEDS.values(), ids=list(DEEDS))
def test_each_deed_is_recorded_once_with_who_and_from_where(
    carol: Client, deed: Deed, action: str, object_type: str
) -> None:
    deed(carol)

    entry = the_entry()
    assert (entry.action, entry.object_type, entry.is_refused) == (action, object_type, False)
    assert (entry.actor, entry.actor_id) == ("carol", User.objects.get(username="carol").pk)
    assert (entry.channel, entry.address) == ("admin", "127.0.0.1")


@pytest.mark.parametrize(("deed", "action", "object_type"), DEEDS.values(), ids=list(DEEDS))
def test_each_attempt_of_who_may_only_look_is_recorded_as_refused(
    bob: Client, deed: Deed, action: str, object_type: str
) -> None:
    deed(bob)

    entry = the_entry()
    assert (entry.action, entry.object_type, entry.is_refused) == (action, object_type, True)
    assert (entry.actor, entry.reason) == ("bob", "no permission")


def test_the_reason_that_was_given_is_kept(carol: Client) -> None:
    _job_verb("cancel", Status.PENDING)(carol)

    assert the_entry().reason == "I know why"


def test_a_refusal_by_the_jobs_state_is_recorded(carol: Client) -> None:
    _job_verb("retry", Status.RUNNING)(carol)

    assert (the_entry().is_refused, the_entry().reason) == (True, "running")


def test_a_schedule_that_could_not_be_switched_on_is_a_refusal(carol: Client) -> None:
    schedule = make_schedule(task_type="forgotten", is_active=False)

    carol.post(f"{SCHEDULES}{schedule.pk}/switch/", {"active": "on"})

    assert the_entry().is_refused
    assert the_entry().reason.startswith("not switched on: Unknown task type")


def test_a_schedule_deleted_by_the_lists_action_is_recorded(carol: Client) -> None:
    names = ["nightly", "weekly"]
    keys = [str(make_schedule(name).pk) for name in names]

    carol.post(SCHEDULES, {"action": "delete_selected", "_selected_action": keys, "post": "yes"})

    assert not Schedule.objects.exists()
    assert sorted(AuditEntry.objects.values_list("object_label", flat=True)) == names


def test_looking_and_asking_are_not_recorded(carol: Client, bob: Client) -> None:
    job, schedule = make_job(Status.DEAD), make_schedule()
    pages: list[Any] = [JOBS, STOP, verb_url(job.pk, "delete"), f"{SCHEDULES}{schedule.pk}/delete/", f"{SCHEDULES}add/"]
    for page in pages:
        carol.get(page)
        bob.get(page)
    carol.post(verb_url(job.pk, "delete"))  # asks

    assert Job.objects.exists()
    assert not AuditEntry.objects.exists()
