"""What workers do to jobs: how executions end, who may say so, and what a cancel request changes."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from jobqueue import transitions
from jobqueue.models import Attempt, Job
from jobqueue.reports import encode_report
from jobqueue.states import AttemptOutcome, Status
from jobqueue.transitions import cancel, delete, retry
from tests.jobqueue.factories import make_worker
from tests.jobqueue.lifecycle import Held, hold, put, status_of, take

pytestmark = pytest.mark.django_db
ENDS = [Status.SUCCEEDED, Status.FAILED, Status.DEAD, Status.CANCELLED]
BACK = [Status.PENDING, Status.RETRYING]


class TestFinish:
    @pytest.mark.parametrize("status", ENDS)
    def test_an_execution_leads_to_an_end(self, status: Status) -> None:
        held = hold()

        assert held.finish(status, code="X", message="because") == 1

        job = held.row()
        assert (job.status, job.worker_id, job.attempts) == (status, None, 1)
        assert (job.error_code, job.error_message) == ("X", "because")
        assert job.started_at is not None
        assert job.finished_at is not None
        assert job.finished_at - job.started_at == job.duration == timedelta(seconds=2)

    @pytest.mark.parametrize("status", BACK)
    def test_an_execution_leads_back_into_the_queue_after_a_wait(self, status: Status) -> None:
        held, before = hold(), timezone.now()

        held.finish(status, delay=90.0)

        job = held.row()
        assert (job.status, job.worker_id, job.finished_at) == (status, None, None)
        assert timedelta(seconds=89) < job.run_at - before < timedelta(seconds=150)

    @pytest.mark.parametrize("delay", [1e12, 8.6e13, 1e300])
    def test_a_wait_of_any_length_is_a_time_that_can_be_read(self, delay: float) -> None:
        held = hold()

        held.finish(Status.RETRYING, delay=delay)

        assert held.row().run_at.year < 9999

    def test_without_a_wait_it_keeps_its_time(self) -> None:
        held = hold()
        before = held.row().run_at

        held.finish(Status.PENDING, outcome="returned")

        assert held.row().run_at == before

    def test_the_result_is_kept(self) -> None:
        held = hold()
        report = encode_report(held.report(Status.SUCCEEDED)).decode()[:-1] + ', "result": {"a": [1, null, "ü"]}}'

        transitions.finish(held.worker, [report.encode()], [held.claimed.id])

        assert held.row().result == {"a": [1, None, "ü"]}

    def test_the_attempt_is_recorded_with_all_that_is_known(self) -> None:
        held = hold()

        held.finish(Status.RETRYING, code="TIMEOUT", message="too slow", traceback="Traceback ...", delay=1.0)

        attempt = Attempt.objects.get()
        assert (attempt.job_id, attempt.claim, attempt.number, attempt.worker_id) == (held.id, 1, 1, held.worker)
        assert (attempt.outcome, attempt.error_code, attempt.error_message) == ("error", "TIMEOUT", "too slow")
        assert (attempt.traceback, attempt.duration) == ("Traceback ...", timedelta(seconds=2))

    @pytest.mark.parametrize("outcome", [AttemptOutcome.POSTPONED, AttemptOutcome.RETURNED])
    def test_what_was_postponed_or_handed_back_used_no_attempt(self, outcome: AttemptOutcome) -> None:
        held = hold()
        held.mark_started()

        held.finish(Status.PENDING, outcome=outcome.value, delay=0.0)

        assert held.row().attempts == 0
        assert take(held.id).claimed.number == 1
        assert Attempt.objects.get().outcome == outcome

    def test_many_are_finished_at_once_each_in_its_own_way(self) -> None:
        worker = make_worker().pk
        helds = [hold(worker) for _ in ENDS]
        reports = [encode_report(held.report(status)) for held, status in zip(helds, ENDS, strict=True)]

        assert transitions.finish(worker, reports, [held.claimed.id for held in helds]) == 4

        assert [status_of(held.id) for held in helds] == ENDS
        assert Attempt.objects.count() == 4


class TestFencing:
    def test_a_worker_that_lost_its_job_changes_nothing(self) -> None:
        old = hold()
        old.release()
        new = take(old.id)
        before = Job.objects.values().get()

        assert old.finish(Status.SUCCEEDED) == 0
        old.mark_started()
        assert old.release() == 0

        assert Job.objects.values().get() == before
        assert not Attempt.objects.exists()
        assert new.finish(Status.SUCCEEDED) == 1

    def test_finishing_twice_records_one_attempt(self) -> None:
        held = hold()

        assert held.finish(Status.SUCCEEDED) == 1
        assert held.finish(Status.DEAD) == 0

        assert held.row().status == Status.SUCCEEDED
        assert Attempt.objects.get().outcome == "succeeded"

    def test_an_outcome_from_before_a_manual_retry_is_ignored(self) -> None:
        held = hold()
        held.finish(Status.FAILED)
        retry([held.id])

        assert held.finish(Status.SUCCEEDED) == 0
        assert held.row().status == Status.PENDING

    def test_the_outcome_of_a_deleted_job_is_ignored(self) -> None:
        held = hold()
        Job.objects.all().delete()

        assert held.finish(Status.SUCCEEDED) == 0
        assert not Attempt.objects.exists()


class TestMarkStarted:
    def test_it_uses_the_attempt_and_says_since_when(self) -> None:
        held = hold()
        assert held.row().attempt_number == 1

        held.mark_started()

        job = held.row()
        assert (job.attempts, job.attempt_number) == (1, 1)
        assert job.started_at is not None
        assert job.started_at.timestamp() == Held.STARTED

    def test_it_comes_too_late_for_a_finished_job(self) -> None:
        held = hold()
        held.finish(Status.PENDING, outcome="returned")

        held.mark_started()

        assert held.row().attempts == 0


class TestRelease:
    def test_a_job_that_was_not_started_goes_back_unused(self) -> None:
        held = hold()

        assert held.release() == 1

        job = held.row()
        assert (job.status, job.attempts, job.worker_id) == (Status.PENDING, 0, None)
        assert not Attempt.objects.exists()

    def test_a_job_that_has_failed_before_goes_back_to_retrying(self) -> None:
        first = hold()
        first.finish(Status.RETRYING, delay=0.0)

        take(first.id).release()

        assert (first.row().status, first.row().attempts) == (Status.RETRYING, 1)

    def test_a_job_that_was_started_is_not_released(self) -> None:
        held = hold()
        held.mark_started()

        assert held.release() == 0
        assert held.row().status == Status.RUNNING

    def test_a_job_to_be_cancelled_is_cancelled_instead(self) -> None:
        held = hold()
        cancel([held.id])

        assert held.release() == 1
        assert held.row().status == Status.CANCELLED
        assert held.row().finished_at is not None


class TestCancelRequest:
    @pytest.mark.parametrize("status", [Status.PENDING, Status.RETRYING, Status.DEAD, Status.FAILED])
    def test_it_wins_over_every_outcome_but_success(self, status: Status) -> None:
        held = hold()
        cancel([held.id], reason="a mistake")

        held.finish(status, code="TIMEOUT", delay=5.0)

        job = held.row()
        assert (job.status, job.error_code) == (Status.CANCELLED, "TIMEOUT")
        assert job.finished_at is not None

    def test_a_job_that_succeeded_all_the_same_has_succeeded(self) -> None:
        held = hold()
        cancel([held.id])

        held.finish(Status.SUCCEEDED)

        assert held.row().status == Status.SUCCEEDED

    def test_it_is_forgotten_when_the_job_is_retried(self) -> None:
        held = hold()
        cancel([held.id])
        held.finish(Status.RETRYING, delay=5.0)
        retry([held.id])

        take(held.id).finish(Status.RETRYING, delay=5.0)

        assert held.row().status == Status.RETRYING


def test_a_deleted_jobs_id_can_be_finished_by_nobody() -> None:
    id_: UUID = put()
    delete([id_])

    assert transitions.release([(str(id_), 0)]) == 0
