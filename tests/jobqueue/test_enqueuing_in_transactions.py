"""An enqueue belongs to the caller's transaction; seen from a second connection."""

import pytest
from django.db import IntegrityError, transaction

from jobqueue.api import NewJob, enqueue, enqueue_many
from jobqueue.exceptions import InvalidPayloadError
from jobqueue.models import Job
from tests.jobqueue.ear import raw_connection

pytestmark = pytest.mark.django_db(transaction=True)


def _seen_by_others() -> int:
    with raw_connection() as other:
        row = other.execute("SELECT count(*) FROM jobqueue_job").fetchone()
    assert row is not None
    return int(row[0])


def test_a_job_is_there_when_its_transaction_commits_and_not_before() -> None:
    with transaction.atomic():
        enqueue("noop")
        enqueue_many([NewJob(task_type="noop")])
        assert _seen_by_others() == 0

    assert _seen_by_others() == 2


def test_a_job_vanishes_with_its_transaction() -> None:
    with transaction.atomic():
        enqueue("noop")
        enqueue_many([NewJob(task_type="noop")])
        transaction.set_rollback(True)

    assert _seen_by_others() == 0


def test_a_job_vanishes_with_its_savepoint_alone() -> None:
    with transaction.atomic():
        kept = enqueue("noop").id
        with transaction.atomic():
            enqueue("noop")
            transaction.set_rollback(True)

    assert [job.id for job in Job.objects.all()] == [kept]


@pytest.mark.parametrize("unique_key", [None, "k"])
def test_many_jobs_of_which_the_database_refuses_one_are_all_refused(unique_key: str | None) -> None:
    nobody = 999_999
    jobs = [NewJob(task_type="noop", unique_key=unique_key), NewJob(task_type="noop", created_by=nobody)]

    with pytest.raises(IntegrityError, match="created_by_id"):
        enqueue_many(jobs)

    assert _seen_by_others() == 0


def test_a_refused_enqueue_leaves_the_transaction_usable() -> None:
    with transaction.atomic():
        with pytest.raises(InvalidPayloadError):
            enqueue("noop", {"x": 1})
        enqueue("noop")

    assert _seen_by_others() == 1


def test_outside_a_transaction_a_job_is_there_at_once() -> None:
    enqueue("noop")

    assert _seen_by_others() == 1


def test_a_rolled_back_holder_leaves_its_unique_key_free() -> None:
    with transaction.atomic():
        enqueue("noop", unique_key="k")
        transaction.set_rollback(True)

    assert enqueue("noop", unique_key="k").created
