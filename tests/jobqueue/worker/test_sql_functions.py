"""What SQL enqueues, retries and cancels reaches a real worker, as from psql or pg_cron."""

from collections.abc import Iterator

import pytest

from jobqueue.models import Job
from jobqueue.states import Status
from tests.jobqueue.sql.doors import call, forget_what_was_recorded

from .processes import WorkerProcess
from .waiting import eventually


@pytest.fixture(autouse=True)
def _leave_nothing(database: None) -> Iterator[None]:
    yield
    forget_what_was_recorded()


def test_a_job_enqueued_by_sql_is_run(worker: WorkerProcess) -> None:
    id_ = call("job_queue_enqueue('add_one', '{\"number\": 41}')")

    eventually(lambda: Job.objects.get(pk=id_).is_finished, "the job ends")

    job = Job.objects.get(pk=id_)
    assert (job.status, job.result) == (Status.SUCCEEDED, {"number": 42})


def test_a_payload_that_does_not_fit_fails_its_job_with_the_reason(worker: WorkerProcess) -> None:
    id_ = call("job_queue_enqueue('add_one', '{\"number\": \"many\"}')")

    eventually(lambda: Job.objects.get(pk=id_).is_finished, "the job ends")

    job = Job.objects.get(pk=id_)
    assert (job.status, job.error_code) == (Status.FAILED, "VALIDATION_ERROR")
    assert "number" in job.error_message


def test_a_running_job_cancelled_by_sql_is_stopped(worker: WorkerProcess) -> None:
    id_ = call("job_queue_enqueue('hang')")
    eventually(lambda: Job.objects.get(pk=id_).progress_message, "the job hangs")

    assert call("job_queue_cancel(%s, 'a mistake')", id_) == "asked to stop"

    eventually(lambda: Job.objects.get(pk=id_).is_finished, "the job ends")
    assert Job.objects.get(pk=id_).status == Status.CANCELLED
