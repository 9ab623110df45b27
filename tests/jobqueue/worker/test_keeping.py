"""Task types whose jobs are not kept once they have succeeded."""

from django.utils import timezone

from jobqueue.api import NewJob, enqueue, enqueue_many, group
from jobqueue.models import Attempt, Job
from jobqueue.states import Status

from .outcomes import ended
from .processes import WorkerProcess
from .waiting import eventually


def test_a_job_whose_type_keeps_none_is_deleted_when_it_succeeded(worker: WorkerProcess) -> None:
    enqueue_many(NewJob(task_type="leave_no_trace") for _ in range(200))

    eventually(lambda: not Job.objects.exists(), "all are done and gone")
    assert not Attempt.objects.exists()


def test_if_it_fails_it_is_kept(worker: WorkerProcess) -> None:
    assert ended(enqueue("leave_no_trace", {"text": "no"}).id).status == Status.FAILED


def test_what_depends_on_it_runs_all_the_same(worker: WorkerProcess) -> None:
    members, last = group(
        [NewJob(task_type="leave_no_trace") for _ in range(3)], then=NewJob(task_type="add_one", payload={"number": 1})
    )

    assert ended(last.id).result == {"number": 2}
    eventually(lambda: not Job.objects.filter(pk__in=[one.id for one in members]).exists(), "the members are gone")


def test_a_schedules_jobs_are_kept_as_its_history(worker: WorkerProcess) -> None:
    (scheduled,) = enqueue_many([NewJob(task_type="leave_no_trace", occurrence=timezone.now())])

    assert ended(scheduled.id).status == Status.SUCCEEDED
    assert Job.objects.filter(pk=scheduled.id).exists()
