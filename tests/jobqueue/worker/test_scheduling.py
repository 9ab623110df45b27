"""A worker fires schedules beside its jobs."""

from datetime import timedelta
from itertools import pairwise

from django.utils import timezone

from jobqueue.models import Job, Occurrence, SchedulerBeat
from jobqueue.models.scheduler_beat import TickSource
from jobqueue.states import UNFINISHED

from .processes import WorkerProcess
from .scheduling import every_ten_minutes, let_ten_minutes_pass, make_due, runs_of, scheduled
from .waiting import eventually


def test_a_schedule_that_becomes_due_while_it_runs_is_fired_and_its_job_runs(worker: WorkerProcess) -> None:
    with scheduled(task_type="add_one", payload={"number": 4}) as schedule:
        assert not Job.objects.filter(schedule=schedule).exists()
        make_due(schedule)

        (job,) = runs_of(schedule, 1)

        assert job.result == {"number": 5}
        occurrence = Occurrence.objects.get(schedule=schedule)
        assert (occurrence.job_id, occurrence.scheduled_at) == (job.pk, job.occurrence)
        schedule.refresh_from_db()
        assert schedule.next_run_at is not None
        assert schedule.next_run_at > timezone.now()


def test_an_edit_counts_without_a_restart(worker: WorkerProcess) -> None:
    with scheduled(task_type="add_one", payload={"number": 4}) as schedule:
        make_due(schedule)
        runs_of(schedule, 1)
        schedule.refresh_from_db()
        schedule.payload = {"number": 7}
        schedule.save()
        make_due(schedule)

        assert [job.result for job in runs_of(schedule, 2)] == [{"number": 5}, {"number": 8}]


def test_an_interval_schedule_goes_on_and_on(worker: WorkerProcess) -> None:
    with every_ten_minutes() as schedule:
        for number in range(1, 5):
            runs_of(schedule, number)
            upcoming = Job.objects.filter(schedule=schedule, status__in=UNFINISHED)
            eventually(upcoming.exists, "its next job is there")
            assert upcoming.get().run_at > timezone.now()
            let_ten_minutes_pass(schedule)

        times = [job.occurrence for job in runs_of(schedule, 4) if job.occurrence]
        assert {after - before for before, after in pairwise(times)} == {timedelta(minutes=10)}


def test_an_interval_schedule_goes_on_after_a_failure(worker: WorkerProcess) -> None:
    with every_ten_minutes(task_type="refuse") as schedule:
        failed = Job.objects.filter(schedule=schedule, status="failed")
        eventually(failed.exists, "its first job has failed")

        upcoming = Job.objects.filter(schedule=schedule, status="pending")
        eventually(upcoming.exists, "its next job is there")
        assert upcoming.get().occurrence == failed.get().occurrence + timedelta(minutes=10)  # type: ignore[operator]


def test_it_says_that_it_is_there(worker: WorkerProcess) -> None:
    own = SchedulerBeat.objects.filter(holder__endswith=f":{worker.process.pid}")
    eventually(own.exists, "its scheduler has beaten")

    assert own.get().source == TickSource.WORKER
