"""What it takes to undo an operation is kept for a day."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobqueue.bulk import BulkOperation, BulkState, clean_up
from jobqueue.models import BulkChange, Job
from jobqueue.states import Status
from tests.jobqueue.factories import make_jobs

from .acting import cancel, job_of, retry, work

pytestmark = pytest.mark.django_db


def _age(operation: BulkOperation, **ago: int) -> None:
    BulkOperation.objects.filter(pk=operation.pk).update(finished_at=timezone.now() - timedelta(**ago))


def test_changes_of_old_operations_are_forgotten_and_the_operations_kept() -> None:
    make_jobs(5)
    old = cancel()
    make_jobs(3)
    recent = cancel()
    _age(old, days=1, minutes=1)
    _age(recent, hours=23)

    assert clean_up(batch=2) == 5

    assert set(BulkChange.objects.values_list("operation_id", flat=True)) == {recent.pk}
    assert BulkOperation.objects.count() == 2


def test_an_operation_that_goes_on_loses_nothing() -> None:
    make_jobs(4, Status.FAILED)
    operation = retry(batch=2)
    work(operation)
    BulkOperation.objects.update(state=BulkState.UNDOING, finished_at=timezone.now() - timedelta(days=2))
    Job.objects.filter(pk=job_of(operation).pk).update(status=Status.PENDING)

    assert clean_up() == 0


def test_an_operation_whose_job_is_gone_is_settled() -> None:
    make_jobs(4, Status.FAILED)
    operation = retry(batch=2)
    Job.objects.filter(pk=job_of(operation).pk).delete()

    clean_up()

    operation.refresh_from_db()
    assert operation.state == BulkState.STOPPED
