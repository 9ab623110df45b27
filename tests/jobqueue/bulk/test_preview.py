"""The numbers before an operation are those after it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobqueue.audit import Actor
from jobqueue.bulk import BulkVerb, Group, Selection, begin, preview
from jobqueue.ids import uuid7
from jobqueue.models.audit_entry import Channel
from jobqueue.states import Status
from tests.jobqueue.factories import make_job, make_jobs

pytestmark = pytest.mark.django_db
ALICE = Actor(name="alice", channel=Channel.ADMIN)
EVERY_STATUS = Selection(statuses=tuple(Status))


def _one_of_each() -> None:
    for number, status in enumerate(Status, start=1):
        make_jobs(number, status, task_type="noop")


def test_jobs_are_grouped_by_what_they_have_in_common_most_first() -> None:
    make_jobs(2, Status.FAILED, error_code="TIMEOUT")
    make_jobs(3, Status.FAILED)
    make_job(Status.DEAD, task_type="add_one", error_code="TIMEOUT")
    make_job(Status.SUCCEEDED)

    shown = preview(BulkVerb.RETRY, Selection(statuses=(Status.FAILED, Status.DEAD)))

    assert shown.groups == [
        Group(task_type="noop", status=Status.FAILED, error_code="AUTH_ERROR", count=3),
        Group(task_type="noop", status=Status.FAILED, error_code="TIMEOUT", count=2),
        Group(task_type="add_one", status=Status.DEAD, error_code="TIMEOUT", count=1),
    ]
    assert (shown.matched, shown.eligible, shown.requested, shown.skipped) == (6, 6, 0, {})
    assert shown.description == "failed or dead jobs"


@pytest.mark.parametrize("verb", BulkVerb)
def test_what_it_says_is_what_happens(verb: BulkVerb) -> None:
    _one_of_each()

    shown = preview(verb, EVERY_STATUS)
    operation = begin(verb, EVERY_STATUS, ALICE)

    assert shown.matched == operation.matched == 28
    assert shown.skipped == operation.skipped
    assert shown.requested == operation.requested
    assert shown.eligible == operation.done + operation.requested


def test_running_jobs_are_only_asked_to_stop() -> None:
    make_jobs(2, Status.RUNNING)
    make_job()

    shown = preview(BulkVerb.CANCEL, Selection(task_types=("noop",)))

    assert (shown.eligible, shown.requested) == (3, 2)


def test_ids_without_a_job_are_named() -> None:
    job = make_job(Status.FAILED)

    shown = preview(BulkVerb.RETRY, Selection(ids=(job.pk, uuid7(), uuid7())))

    assert (shown.matched, shown.eligible, shown.skipped) == (1, 1, {"unknown job": 2})


def test_it_is_one_query_and_changes_nothing() -> None:
    _one_of_each()

    with CaptureQueriesContext(connection) as queries:
        preview(BulkVerb.DELETE, EVERY_STATUS)

    assert len(queries) == 1
    assert queries[0]["sql"].startswith("SELECT")


def test_a_selection_that_holds_nothing_previews_as_nothing() -> None:
    shown = preview(BulkVerb.CANCEL, Selection(tag="nobody"))

    assert (shown.matched, shown.eligible, shown.groups, shown.skipped) == (0, 0, [], {})
