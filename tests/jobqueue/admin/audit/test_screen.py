"""The audit log's screen, and the entries on a job's page."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobqueue import operations
from jobqueue.admin.audit import screen
from jobqueue.admin.audit.changes import Change, changes, rows
from jobqueue.audit import Actor
from jobqueue.models import AuditEntry
from jobqueue.models.audit_entry import Channel
from jobqueue.states import Status
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.pages import job_url, said, verb_url
from tests.jobqueue.audited import ALICE, as_the_owner_who_switched_the_triggers_off, last_entry, note
from tests.jobqueue.factories import make_job

LOG = "/admin/jobqueue/auditentry/"


def numbers(client: Client, **query: Any) -> list[int]:
    response: Any = client.get(LOG, query)
    assert response.status_code == 200
    return [row.entry.number for row in response.context_data["rows"]]


def test_a_row_shows_who_did_what_before_and_after(alice: Client) -> None:
    job = make_job(Status.DEAD)
    operations.retry([job.pk], ALICE, reason="the platform is back")

    page = alice.get(LOG).content.decode()

    for shown in ("alice", "API", "192.0.2.7", "Job retried", str(job), job_url(job.pk), "dead → pending",
                  "the platform is back"):  # fmt: skip
        assert shown in page
    assert ">Refused</span>" not in page


def test_what_was_refused_is_marked_and_shows_no_change(alice: Client) -> None:
    operations.retry([make_job(Status.RUNNING).pk], ALICE)

    page = alice.get(LOG).content.decode()

    assert ">Refused</span>" in page
    assert "status:" not in page


def test_markup_in_an_entry_is_only_text(alice: Client) -> None:
    evil = "<script>alert(1)</script>"
    note(evil, object_label=evil, before={evil: evil}, after={evil: 4}, reason=evil)

    for page in (alice.get(LOG), alice.get(f"{LOG}1/change/")):
        assert b"<script>alert" not in page.content


def test_it_is_filtered_by_action_person_object_door_and_found_by_id(alice: Client) -> None:
    bob = User.objects.create_user("bob")
    job = make_job(Status.DEAD)
    operations.retry([job.pk], ALICE)
    operations.pause(Actor(name="bob", channel=Channel.CLI, user_id=bob.pk), reason="x")

    assert numbers(alice) == [2, 1]
    assert numbers(alice, action="JOB_RETRY") == numbers(alice, object_type="job") == [1]
    assert numbers(alice, actor_id=bob.pk) == numbers(alice, channel="cli") == [2]
    assert numbers(alice, q=str(job.pk)) == numbers(alice, q="1") == [1]
    assert numbers(alice, when="hour") == [2, 1]
    assert numbers(alice, q="nothing") == numbers(alice, actor_id="x") == numbers(alice, actor_id=7**40) == []
    assert f'?actor_id={bob.pk}"' in alice.get(LOG).content.decode()


def test_pages_go_by_number_and_cost_the_same_for_one_and_for_many(alice: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            alice.get(LOG)
        return len(captured)

    note()
    alone = queries()
    for n in range(60):
        note(str(n))
    assert queries() == alone
    assert numbers(alice) == list(range(61, 11, -1))
    assert numbers(alice, before=12) == list(range(11, 0, -1))
    assert numbers(alice, before="x")[0] == 61


def test_an_entry_has_a_page_and_no_form(alice: Client) -> None:
    note("7", reason="why not")
    entry = AuditEntry.objects.get()

    page = alice.get(f"{LOG}1/change/").content.decode()

    assert entry.hash in page
    assert "why not" in page
    assert 'name="reason"' not in page
    assert alice.post(f"{LOG}1/change/", {"reason": "x"}).status_code == 405
    assert alice.get(f"{LOG}add/").status_code == 403
    assert alice.post(f"{LOG}1/delete/", {"post": "yes"}).status_code == 403
    assert AuditEntry.objects.get() == entry


def test_verifying_is_a_click_and_tells_what_it_found(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        note()
    assert alice.get(f"{LOG}verify/").status_code == 405
    assert said(alice.post(f"{LOG}verify/"))[0].startswith("All 3 entries are intact. Head: 3:")

    with as_the_owner_who_switched_the_triggers_off() as cursor:
        cursor.execute("DELETE FROM jobqueue_auditentry WHERE number = 2")
    assert said(alice.post(f"{LOG}verify/"))[-1] == "The log is broken. Entry 2 is missing: 3 follows 1."

    assert "Entry 2 is missing" in alice.get(LOG).content.decode()
    monkeypatch.setattr(screen, "MOST_VERIFIED", 1)
    assert said(alice.post(f"{LOG}verify/"))[-1].startswith("The first 1 entries are intact; manage.py")


def test_who_may_not_see_it_does_not(bob: Client, sign_in: SignIn) -> None:
    note()
    for verb in ("verify", "export"):
        assert bob.post(f"{LOG}{verb}/").status_code == 403
        assert (last_entry().actor, last_entry().is_refused) == ("bob", True)
    assert bob.get(LOG).status_code == bob.get(f"{LOG}1/change/").status_code == 403
    assert LOG not in bob.get("/admin/").content.decode()
    assert numbers(sign_in("dave", "view_auditentry")) == [3, 2, 1]


def test_an_empty_log_says_what_will_be_there(alice: Client) -> None:
    assert b"Nothing has been recorded yet" in alice.get(LOG).content
    assert b"No entry matches" in alice.get(LOG, {"action": "JOB_EDIT"}).content


def test_a_jobs_page_shows_what_was_done_to_it_to_whoever_may_see_that(alice: Client, bob: Client) -> None:
    job, other = make_job(Status.FAILED), make_job(Status.FAILED)
    alice.post(verb_url(job.pk, "retry"))

    assert "JOB_RETRY" in alice.get(job_url(job.pk)).content.decode()
    assert "JOB_RETRY" not in alice.get(job_url(other.pk)).content.decode()
    assert "JOB_RETRY" not in bob.get(job_url(job.pk)).content.decode()


def test_changes_are_the_fields_that_differ() -> None:
    before = {"a": 1, "b": "x", "gone": None, "same": 3}
    after = {"a": 2, "b": "x" * 200, "new": [1], "same": 3}

    assert changes(before, after) == [
        Change(name="a", before="1", after="2"),
        Change(name="b", before="x", after="x" * 120 + "…"),
        Change(name="gone", before="null", after=None),
        Change(name="new", before=None, after="[1]"),
    ]
    assert changes(None, "text") == [Change(name="value", before=None, after="text")]
    assert changes(None, None) == []


def test_a_row_leaves_out_the_fields_of_something_new_that_hold_nothing(db: None) -> None:
    entry = AuditEntry(after={"tags": [], "timeout": None, "payload": {}, "queue": "default", "attempts": 0})

    [row] = rows([entry])

    assert [change.name for change in row.changes] == ["queue", "attempts"]
