"""What the tables themselves refuse, and what they delete together."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from jobqueue import journal
from jobqueue.models import Attempt, Job, LogLine, Pause, Schedule
from jobqueue.states import FINISHED, UNFINISHED, Status
from jobqueue.transitions import delete
from tests.jobqueue.factories import make_job, make_worker
from tests.jobqueue.lifecycle import hold, job_in

pytestmark = pytest.mark.django_db


def _is_refused(change: Callable[[], object], constraint: str) -> bool:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        change()
    return True


class TestImpossibleJobs:
    @pytest.mark.parametrize("status", FINISHED)
    def test_finished_without_a_time(self, status: Status) -> None:
        id_ = job_in(status)

        assert _is_refused(lambda: Job.objects.filter(pk=id_).update(finished_at=None), "job_finished_has_time")

    @pytest.mark.parametrize("status", UNFINISHED)
    def test_unfinished_with_a_time_of_its_end(self, status: Status) -> None:
        id_ = job_in(status)

        assert _is_refused(
            lambda: Job.objects.filter(pk=id_).update(finished_at=timezone.now()), "job_finished_has_time"
        )

    def test_running_without_a_worker(self) -> None:
        job_in(Status.RUNNING)

        assert _is_refused(lambda: Job.objects.update(worker=None), "job_running_has_worker")

    @pytest.mark.parametrize("status", [status for status in Status if status != Status.RUNNING])
    def test_with_a_worker_and_not_running(self, status: Status) -> None:
        job_in(status)
        worker = make_worker()

        assert _is_refused(lambda: Job.objects.update(worker=worker), "job_running_has_worker")

    @pytest.mark.parametrize(
        ("fields", "constraint"),
        [
            ({"status": "done"}, "job_status_known"),
            ({"priority": 7}, "job_priority_known"),
            ({"attempts": 6}, "job_attempts_in_budget"),
            ({"max_attempts": 0}, "job_attempts_in_budget"),
            ({"attempts": -1}, "attempts_check"),
            ({"unique_key": "k"}, "job_unique_states_with_key"),
            ({"unique_states": ["pending"]}, "job_unique_states_with_key"),
            ({"blockers": -1}, "blockers_check"),
        ],
    )
    def test_with_values_that_mean_nothing(self, fields: dict[str, Any], constraint: str) -> None:
        make_job()

        assert _is_refused(lambda: Job.objects.update(**fields), constraint)

    def test_two_unfinished_ones_with_one_unique_key(self) -> None:
        make_job(unique_key="k", unique_states=["pending", "running"])

        assert _is_refused(lambda: make_job(unique_key="k", unique_states=["pending", "running"]), "job_unique_key")


class TestImpossibleRows:
    def test_two_attempts_under_one_claim(self) -> None:
        held = hold()
        held.finish(Status.FAILED)
        (attempt,) = Attempt.objects.all()
        attempt._state.adding = True

        assert _is_refused(lambda: attempt.save(force_insert=True), "jobqueue_attempt_pkey")

    @pytest.mark.parametrize(
        "fields", [{"scope": "everything", "name": "x"}, {"scope": "queue", "name": ""}, {"scope": "task_type"}]
    )
    def test_a_pause_without_the_name_that_its_scope_needs(self, fields: dict[str, Any]) -> None:
        assert _is_refused(lambda: Pause.objects.create(reason="x", **fields), "pause_named_unless_everything")

    def test_two_pauses_of_one_scope(self) -> None:
        Pause.objects.create(scope="queue", name="mail", reason="x")

        assert _is_refused(lambda: Pause.objects.create(scope="queue", name="mail", reason="y"), "pause_once_per_scope")

    def test_an_active_schedule_without_a_next_time(self) -> None:
        schedule = Schedule(name="n", expression="* * * * *", task_type="noop", is_active=True)

        assert _is_refused(schedule.save, "schedule_active_has_next")


def _job_with_history() -> Job:
    held = hold()
    journal.write_lines([(held.claimed.id, held.claimed.claim, n, 1.0, "INFO", "line") for n in range(3)])
    held.finish(Status.FAILED)
    return held.row()


def _delete_by_sql(job: Job) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM jobqueue_job WHERE id = %s", [job.pk])


@pytest.mark.parametrize(
    "delete_job",
    [
        lambda job: delete([job.pk]),
        lambda job: job.delete(),
        lambda job: Job.objects.filter(pk=job.pk).delete(),
        _delete_by_sql,
    ],
    ids=["verb", "model", "queryset", "sql"],
)
def test_attempts_and_log_lines_go_with_their_job_however_it_is_deleted(delete_job: Callable[[Job], object]) -> None:
    job, other = _job_with_history(), _job_with_history()

    delete_job(job)

    assert set(Attempt.objects.values_list("job_id", flat=True)) == {other.pk}
    assert set(LogLine.objects.values_list("job_id", flat=True)) == {other.pk}
    assert (Attempt.objects.count(), LogLine.objects.count()) == (1, 3)
