"""What a job says about itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobqueue.models import Job
from jobqueue.states import FINISHED, UNFINISHED, WAITING, Status
from tests.jobqueue.factories import make_job
from tests.jobqueue.lifecycle import hold, job_in, put

pytestmark = pytest.mark.django_db


def test_its_short_id_differs_within_a_burst() -> None:
    jobs = [make_job() for _ in range(20)]

    assert len({job.short_id for job in jobs}) == 20
    assert str(jobs[0]) == f"noop {jobs[0].short_id}"


@pytest.mark.parametrize("status", Status)
def test_it_is_finished_in_four_states(status: Status) -> None:
    job = Job.objects.get(pk=job_in(status))

    assert job.is_finished == (status in FINISHED)


def test_the_attempt_that_people_see_is_the_one_it_is_in() -> None:
    waiting, claimed, started = Job.objects.get(pk=put()), hold(), hold()
    started.mark_started()

    assert (waiting.attempt_number, claimed.row().attempt_number, started.row().attempt_number) == (0, 1, 1)


def test_a_running_job_has_been_running_since_it_started() -> None:
    job = make_job(Status.RUNNING, started_at=timezone.now() - timedelta(hours=1))

    assert job.duration is not None
    assert timedelta(hours=1) <= job.duration < timedelta(hours=2)


def test_a_job_that_never_started_took_no_time() -> None:
    assert make_job().duration is None
    assert hold().row().duration is None


def test_jobs_are_asked_for_by_what_they_wait_for() -> None:
    ids = {status: job_in(status) for status in Status}

    assert {job.pk for job in Job.objects.waiting()} == {ids[status] for status in WAITING}
    assert {job.pk for job in Job.objects.unfinished()} == {ids[status] for status in UNFINISHED}
    assert [job.pk for job in Job.objects.running()] == [ids[Status.RUNNING]]


def test_a_list_reads_neither_results_nor_checkpoints() -> None:
    make_job(result={"a": 1}, checkpoint={"b": 2})

    assert Job.objects.for_list().get().get_deferred_fields() >= {"result", "checkpoint"}
