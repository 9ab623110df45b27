"""The page of an operation on many jobs: how far it is, who began it, and how to stop or undo it."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from jobqueue import bulk
from jobqueue.audit import Actor
from jobqueue.bulk import BulkOperation, BulkState, BulkVerb, Selection
from jobqueue.bulk.run import run_batch
from jobqueue.models import AuditEntry, Job
from jobqueue.models.audit_entry import Channel
from jobqueue.states import Status
from tests.jobqueue.admin.pages import JOBS, said
from tests.jobqueue.factories import make_job, make_jobs

_OPERATIONS = "/admin/jobqueue/bulkoperation/"


def _begin(number: int = 5, verb: BulkVerb = BulkVerb.RETRY, batch: int = 2) -> BulkOperation:
    make_jobs(number, Status.FAILED)
    actor = Actor(name="ada", channel=Channel.CLI, user_id=User.objects.first().pk)  # type: ignore[union-attr]
    return bulk.begin(verb, Selection(statuses=(Status.FAILED,)), actor, reason="the outage is over", batch=batch)


def _page(operation: BulkOperation) -> str:
    return f"{_OPERATIONS}{operation.pk}/change/"


def test_it_tells_who_did_what_when_why_and_how_far_it_is(alice: Client) -> None:
    operation = _begin()
    run_batch(operation.pk, 2)

    page = alice.get(_page(operation)).content.decode()

    for shown in (
        "Retry 5 jobs",
        "Failed jobs.",
        "<b>2</b> of 5",
        "<dt>Retried</dt><dd>2</dd>",
        "the outage is over",
        "alice",
        "Command line",
    ):
        assert shown in page
    assert str(operation.job_id) in page
    assert "/stop/" in page
    assert "/undo/" not in page


def test_it_says_why_it_has_not_begun(alice: Client) -> None:
    assert "No worker" in alice.get(_page(_begin())).content.decode()


def test_it_refreshes_itself_while_it_goes_on_and_not_after(alice: Client) -> None:
    operation = _begin()
    part = alice.get(_page(operation), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'hx-trigger="every 2s' in part
    for _ in range(3):
        run_batch(operation.pk, 2)
    done = alice.get(_page(operation), headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in done
    assert "/undo/" in done


def test_skipped_jobs_are_counted_by_reason(alice: Client) -> None:
    operation = _begin(5)
    BulkOperation.objects.filter(pk=operation.pk).update(skipped={"running": 3})
    assert "<dt>Skipped: running</dt><dd>3</dd>" in alice.get(_page(operation)).content.decode()


def test_stopping_ends_it_and_undoing_gives_back_what_was(alice: Client) -> None:
    operation = _begin()
    run_batch(operation.pk, 2)

    stopped = alice.post(f"{_OPERATIONS}{operation.pk}/stop/")
    assert said(stopped) == ["Stopped: 2 retried."]
    assert Job.objects.filter(status=Status.FAILED).count() == 3

    undone = alice.post(f"{_OPERATIONS}{operation.pk}/undo/")
    assert said(undone)[-1] == "Undone: 2 restored."
    assert Job.objects.filter(status=Status.FAILED).count() == 5
    actions = AuditEntry.objects.order_by("number").values_list("action", flat=True)
    assert list(actions) == ["BULK_RETRY", "BULK_STOP", "BULK_UNDO"]


def test_what_cannot_be_undone_says_why(alice: Client) -> None:
    operation = _begin(1, BulkVerb.DELETE)
    response = alice.post(f"{_OPERATIONS}{operation.pk}/undo/")
    assert said(response) == ["Nothing is undone. Deleted jobs are gone: this cannot be undone."]
    assert "/undo/" not in alice.get(_page(operation)).content.decode()


def test_one_whose_job_has_died_is_told_as_stopped_and_looking_changes_nothing(alice: Client) -> None:
    operation = _begin()
    run_batch(operation.pk, 2)
    Job.objects.filter(task_type="job_queue_bulk").delete()

    page = alice.get(_page(operation)).content.decode()

    assert "Stopped" in page
    assert "/undo/" in page
    operation.refresh_from_db()
    assert operation.state == BulkState.RUNNING
    assert 'aria-label="Bulk operation"' not in alice.get(JOBS).content.decode()


@pytest.mark.parametrize("verb", ["stop", "undo"])
def test_looking_does_not_stop_or_undo(alice: Client, verb: str) -> None:
    operation = _begin()
    assert alice.get(f"{_OPERATIONS}{operation.pk}/{verb}/").status_code == 405
    operation.refresh_from_db()
    assert (operation.state, operation.stop_requested_at) == (BulkState.RUNNING, None)


@pytest.mark.parametrize(("verb", "action"), [("stop", "BULK_STOP"), ("undo", "BULK_UNDO")])
def test_who_may_only_look_sees_it_and_is_refused_the_rest(bob: Client, verb: str, action: str) -> None:
    operation = _begin()
    page = bob.get(_page(operation)).content.decode()
    assert "Retry 5 jobs" in page
    assert "/stop/" not in page

    assert bob.post(f"{_OPERATIONS}{operation.pk}/{verb}/").status_code == 403

    entry = AuditEntry.objects.latest("number")
    assert (entry.action, entry.is_refused, entry.actor) == (action, True, "bob")


def test_the_list_names_the_newest_first_by_a_constant_number_of_queries(
    alice: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        _begin(1)
    with django_assert_max_num_queries(16):
        page = alice.get(_OPERATIONS).content.decode()
    assert page.count("Retry 1 job<") == 3


def test_an_empty_list_says_what_to_do(alice: Client) -> None:
    make_job()
    assert "No bulk operations yet" in alice.get(_OPERATIONS).content.decode()


def test_an_operation_that_is_not_there_leads_to_the_list(alice: Client) -> None:
    for key in (uuid4(), "x"):
        assert alice.get(f"{_OPERATIONS}{key}/change/")["Location"] == _OPERATIONS
    assert alice.post(f"{_OPERATIONS}{uuid4()}/stop/").status_code == 404
