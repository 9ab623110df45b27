"""Many jobs enqueued at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks

from jobqueue.api import NewJob, enqueue, enqueue_many
from jobqueue.exceptions import InvalidOptionError, InvalidPayloadError, JobQueueError, UnknownTaskTypeError
from jobqueue.models import Job
from jobqueue.states import Priority, Status
from tests.jobqueue.letters import letters
from tests.jobqueue.sample.jobs import Number

pytestmark = pytest.mark.django_db
LATER = datetime(2030, 1, 2, tzinfo=UTC)
AWKWARD = 'tab\t newline\n backslash\\ N\\N quote" brace{}, ünï 🎲'


def _numbers(count: int, **options: Any) -> list[NewJob]:
    return [NewJob(task_type="add_one", payload={"number": number}, **options) for number in range(count)]


def test_twenty_thousand_jobs_take_a_handful_of_statements() -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        enqueued = enqueue_many(_numbers(20_000))

    assert len(queries) <= 5
    assert len({one.id for one in enqueued}) == Job.objects.count() == 20_000
    assert all(one.created for one in enqueued)


def test_jobs_come_back_in_the_order_in_which_they_were_given() -> None:
    ids = [one.id for one in enqueue_many(_numbers(50))]

    assert ids == sorted(ids)
    assert [job.payload["number"] for job in Job.objects.order_by("id")] == list(range(50))


@pytest.mark.parametrize("unique_key", [None, "k"])
def test_both_paths_store_every_option_alike(unique_key: str | None) -> None:
    parent = enqueue("noop").id
    new = NewJob(
        task_type="letter",
        payload={"text": AWKWARD},
        run_at=LATER,
        priority=Priority.LOW,
        queue=AWKWARD,
        max_attempts=7,
        timeout=timedelta(seconds=90.5),
        deadline=LATER,
        tags=[AWKWARD, "two"],
        unique_key=unique_key,
        parent=parent,
    )

    with letters():
        enqueue_many([new])

    job = Job.objects.latest("id")
    assert (job.payload, job.queue, job.tags) == ({"text": AWKWARD}, AWKWARD, [AWKWARD, "two"])
    assert (job.status, job.run_at, job.deadline, job.priority) == (Status.PENDING, LATER, LATER, Priority.LOW)
    assert (job.max_attempts, job.timeout) == (7, timedelta(seconds=90.5))
    assert (job.unique_key, job.parent_id, job.claim) == (unique_key, parent, 0)


def test_a_key_that_comes_twice_makes_one_job() -> None:
    first, second, third = enqueue_many(
        [
            NewJob(task_type="noop", unique_key="k"),
            NewJob(task_type="noop", unique_key="k"),
            NewJob(task_type="noop"),
        ]
    )

    assert (first.created, second.created, third.created) == (True, False, True)
    assert first.id == second.id
    assert Job.objects.count() == 2


def test_a_holder_from_before_is_returned() -> None:
    holder = enqueue("only_once", {"number": 3})

    (found,) = enqueue_many([NewJob(task_type="only_once", payload=Number(number=3))])

    assert (found.id, found.created) == (holder.id, False)


@pytest.mark.parametrize("unique_key", [None, "k"])
@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (NewJob(task_type="nope"), UnknownTaskTypeError),
        (NewJob(task_type="noop", payload={"x": 1}), InvalidPayloadError),
        (NewJob(task_type="noop", priority=3), InvalidOptionError),
        (NewJob(task_type="noop", queue="\0"), InvalidOptionError),
    ],
)
def test_one_wrong_job_among_many_stores_none(
    wrong: NewJob, error: type[JobQueueError], unique_key: str | None
) -> None:
    with pytest.raises(error):
        enqueue_many([NewJob(task_type="noop", unique_key=unique_key), *_numbers(10), wrong])

    assert not Job.objects.exists()


def test_no_jobs_are_no_trouble() -> None:
    assert enqueue_many([]) == []
    assert enqueue_many(iter(())) == []


@pytest.mark.parametrize("unique_key", [None, "k"])
def test_the_workers_are_told_once_for_all_jobs(
    unique_key: str | None, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        enqueue_many([NewJob(task_type="noop", unique_key=unique_key), *_numbers(10)])

    assert len(callbacks) == 1
