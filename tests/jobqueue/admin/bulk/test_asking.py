"""Acting on everything that a filter holds: the exact numbers first, then the deed, then what came of it."""

from functools import partial
from typing import Any

import pytest
from django.test import Client

from jobqueue import bulk
from jobqueue.models import AuditEntry, BulkOperation, Job
from jobqueue.states import Status
from tests.jobqueue.admin.pages import JOBS, answer, said
from tests.jobqueue.factories import make_job, make_jobs


def _ask(client: Client, verb: str, query: str) -> Any:
    return client.get(f"{JOBS}bulk/{verb}/?{query}")


def test_the_list_offers_what_fits_the_filter_with_the_number(alice: Client) -> None:
    make_jobs(3, Status.FAILED)
    page = alice.get(f"{JOBS}?status=failed,dead&date=hour").content.decode()
    assert "Retry all 3 matching…" in page
    assert "Delete all 3 matching…" in page
    assert "Cancel all" not in page
    assert "bulk/retry/?status=failed%2Cdead&amp;date=hour" in page
    assert "all 3 matching" not in alice.get(JOBS).content.decode()


def test_a_search_by_text_chooses_nothing_to_act_on(alice: Client) -> None:
    make_jobs(3, Status.FAILED)
    assert "matching…" not in alice.get(f"{JOBS}?q=noop").content.decode()
    response = _ask(alice, "retry", "q=noop")
    assert said(response) == [
        "0 jobs changed: a search by text chooses no jobs to act on. Use filters, or tick the rows."
    ]


def test_the_question_tells_the_numbers_by_type_state_and_error(alice: Client) -> None:
    make_jobs(3, Status.FAILED, error_code="TIMEOUT")
    make_jobs(2, Status.RUNNING)
    make_job(Status.SUCCEEDED)
    before = list(Job.objects.order_by("pk").values())

    page = _ask(alice, "retry", "task_type=noop").content.decode()

    assert "Retry 4 jobs?" in page
    rows = [row.partition("</tr>")[0] for row in page.split("<tr>")]
    assert any("Noop" in row and "Failed" in row and "TIMEOUT" in row and ">3<" in row for row in rows)
    assert "2 running: left alone." in page
    assert "1 of them succeeded: they run once more." in page
    assert list(Job.objects.order_by("pk").values()) == before
    assert not BulkOperation.objects.exists()


def test_yes_does_what_was_shown_and_tells_it(alice: Client) -> None:
    failed, other = make_jobs(3, Status.FAILED), make_job(Status.DEAD)
    question = _ask(alice, "retry", "status=failed&next=/admin/jobqueue/job/%3Fstatus%3Dfailed")

    response = answer(alice, question, reason="the platform is back")

    assert response["Location"] == f"{JOBS}"
    assert said(response)[0].startswith("3 retried <a href=")
    assert {job.status for job in Job.objects.filter(pk__in=[job.pk for job in failed])} == {Status.PENDING}
    other.refresh_from_db()
    assert other.status == Status.DEAD
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.reason) == ("BULK_RETRY", "alice", "the platform is back")


def test_many_are_done_in_the_background_and_have_a_page(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 2)
    monkeypatch.setattr(bulk, "begin", partial(bulk.begin, batch=2))
    make_jobs(5, Status.FAILED)
    question = _ask(alice, "retry", "status=failed")
    assert b"done in the background" in question.content

    response = answer(alice, question)

    operation = BulkOperation.objects.get()
    assert response["Location"] == f"/admin/jobqueue/bulkoperation/{operation.pk}/change/"
    strip = alice.get(JOBS).content.decode()
    assert "Retry 5 jobs" in strip
    assert 'aria-label="Bulk operation"' in strip


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        ("", "the question was not posted whole"),
        ("[]", "the question was not posted whole"),
        ("{}", "Nothing is chosen"),
        ('{"statuses": ["lost"]}', "Unknown status"),
        ('{"colour": "red"}', "Unknown conditions colour"),
        ('{"scope": {"coach": "x"}}', "scope:"),
    ],
)
def test_a_broken_answer_changes_nothing_and_says_so(alice: Client, posted: str, expected: str) -> None:
    make_job(Status.FAILED)
    response = alice.post(f"{JOBS}bulk/retry/", {"selection": posted})
    assert said(response)[0].startswith("0 jobs changed:")
    assert expected in said(response)[0]
    assert not BulkOperation.objects.exists()


def test_a_filter_that_makes_no_sense_is_no_question(alice: Client) -> None:
    assert "Unknown status" in said(_ask(alice, "retry", "status=lost"))[0]
    assert "Nothing is chosen" in said(_ask(alice, "retry", ""))[-1]
    assert alice.get(f"{JOBS}bulk/explode/?status=failed").status_code == 404


@pytest.mark.parametrize(("verb", "who", "is_allowed"), [
    ("retry", "bob", False), ("cancel", "bob", False), ("delete", "bob", False),
    ("retry", "manager", True), ("cancel", "manager", True), ("delete", "manager", False),
    ("delete", "alice", True),
])  # fmt: skip
def test_each_role_does_what_it_may_and_is_refused_the_rest(
    request: pytest.FixtureRequest, verb: str, who: str, is_allowed: bool
) -> None:
    client: Client = request.getfixturevalue(who)
    job = make_job(Status.PENDING if verb == "cancel" else Status.FAILED)

    assert client.get(f"{JOBS}bulk/{verb}/?task_type=noop").status_code == (200 if is_allowed else 403)
    assert not AuditEntry.objects.exists()
    client.post(f"{JOBS}bulk/{verb}/", {"selection": '{"taskTypes": ["noop"]}'})

    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.is_refused) == (f"BULK_{verb.upper()}", not is_allowed)
    has_changed = Job.objects.filter(pk=job.pk, status=job.status).count() == 0
    assert has_changed == is_allowed


def test_clearing_asks_for_states_and_age_and_shows_the_numbers(alice: Client, manager: Client) -> None:
    make_jobs(2, Status.SUCCEEDED)
    make_job(Status.FAILED)
    assert manager.get(f"{JOBS}clear/").status_code == 403
    assert b"clear/" not in manager.get(JOBS).content
    assert b"Delete 0 jobs?" in alice.get(f"{JOBS}clear/").content  # the usual age is a week

    question = alice.get(f"{JOBS}clear/?state=succeeded&age=any")
    assert b"Delete 2 jobs?" in question.content
    response = answer(alice, question)

    assert said(response)[0].startswith("2 deleted")
    assert Job.objects.get().status == Status.FAILED
