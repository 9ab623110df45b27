"""What people do to jobs: every arrow of the state diagram that is theirs, and every one that is refused."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from jobqueue.models import Attempt, Job
from jobqueue.states import FINISHED, WAITING, Status
from jobqueue.transitions import Moved, cancel, delete, retry, run_now
from tests.jobqueue.lifecycle import hold, job_in, put, status_of, take

pytestmark = pytest.mark.django_db
GONE = UUID(int=1)

type Verb = Callable[[list[UUID]], Moved]


def _is_due(id_: UUID) -> bool:
    return Job.objects.get(pk=id_).run_at <= timezone.now()


class TestRetry:
    @pytest.mark.parametrize("status", FINISHED)
    def test_a_finished_job_becomes_pending_with_a_fresh_budget(self, status: Status) -> None:
        id_ = job_in(status, task_type="nap", payload={"seconds": 1.0})

        assert retry([id_]) == Moved(done=[id_])

        job = Job.objects.get()
        assert (job.status, job.attempts, job.finished_at, job.result) == (Status.PENDING, 0, None, None)
        assert job.payload == {"seconds": 1.0}
        assert take(id_).claimed.number == 1

    def test_its_history_stays(self) -> None:
        id_ = job_in(Status.FAILED)
        retry([id_])
        take(id_).finish(Status.SUCCEEDED)

        assert [(one.claim, one.number, one.outcome) for one in Attempt.objects.filter(job_id=id_)] == [
            (1, 1, "error"),
            (2, 1, "succeeded"),
        ]

    def test_a_retrying_job_is_due_now_and_keeps_the_attempts_it_has_used(self) -> None:
        id_ = job_in(Status.RETRYING)

        assert retry([id_]) == Moved(done=[id_])

        assert (status_of(id_), _is_due(id_)) == (Status.PENDING, True)
        assert take(id_).claimed.number == 2

    @pytest.mark.parametrize("status", [Status.RUNNING, Status.PENDING])
    def test_what_runs_or_waits_is_refused_with_its_state(self, status: Status) -> None:
        id_ = job_in(status)

        assert retry([id_]) == Moved(skipped={id_: status.value})
        assert status_of(id_) == status

    def test_a_cancelled_jobs_request_and_an_expired_jobs_deadline_are_forgotten(self) -> None:
        id_ = put(deadline=timezone.now() - timedelta(hours=1))
        cancel([id_], reason="too late")

        retry([id_])

        job = Job.objects.get()
        assert (job.deadline, job.cancel_requested_at, job.cancel_reason) == (None, None, "")

    def test_a_job_run_again_after_success_starts_from_its_beginning(self) -> None:
        succeeded, failed = job_in(Status.SUCCEEDED), job_in(Status.FAILED)
        Job.objects.update(checkpoint={"next": 100})

        retry([succeeded, failed])

        assert Job.objects.get(pk=succeeded).checkpoint is None
        assert Job.objects.get(pk=failed).checkpoint == {"next": 100}

    def test_a_job_whose_unique_key_is_taken_is_skipped(self) -> None:
        id_ = job_in(Status.FAILED, unique_key="k")
        put(unique_key="k")

        assert retry([id_]) == Moved(skipped={id_: "its unique key is taken"})
        assert status_of(id_) == Status.FAILED

    def test_of_two_failed_jobs_with_one_key_the_newer_is_retried(self) -> None:
        older, newer = job_in(Status.FAILED, unique_key="k"), job_in(Status.FAILED, unique_key="k")
        other = job_in(Status.FAILED, unique_key="other")

        moved = retry([older, newer, other])

        assert set(moved.done) == {newer, other}
        assert moved.skipped == {older: "its unique key is taken"}

    def test_a_retrying_job_that_holds_its_key_is_not_refused_for_a_newer_failed_one(self) -> None:
        holder, newer = job_in(Status.FAILED, unique_key="k"), job_in(Status.FAILED, unique_key="k")
        retry([holder])
        take(holder).finish(Status.RETRYING, delay=3600.0)

        moved = retry([holder, newer])

        assert moved == Moved(done=[holder], skipped={newer: "its unique key is taken"})

    def test_many_jobs_are_moved_at_once_and_each_refusal_is_counted(self) -> None:
        failed = [job_in(Status.FAILED) for _ in range(5)]
        refused = [job_in(Status.RUNNING), job_in(Status.RUNNING), job_in(Status.PENDING), GONE]

        moved = retry([*failed, *refused])

        assert moved.summary("retried") == "5 retried, 4 skipped: 2 running, 1 pending, 1 unknown job"


class TestRunNow:
    def test_a_job_of_the_future_is_due_now(self) -> None:
        id_ = put(delay=timedelta(days=3))

        assert run_now([id_]) == Moved(done=[id_])
        assert (status_of(id_), _is_due(id_)) == (Status.PENDING, True)

    def test_a_retrying_job_is_due_now_with_the_attempts_it_has_left(self) -> None:
        id_ = job_in(Status.RETRYING)

        assert run_now([id_]) == Moved(done=[id_])
        assert take(id_).claimed.number == 2

    @pytest.mark.parametrize("status", [Status.RUNNING, *FINISHED])
    def test_what_runs_or_has_ended_is_refused_with_its_state(self, status: Status) -> None:
        id_ = job_in(status)

        assert run_now([id_]) == Moved(skipped={id_: status.value})
        assert status_of(id_) == status


class TestCancel:
    @pytest.mark.parametrize("status", WAITING)
    def test_a_waiting_job_is_cancelled_at_once_with_who_when_and_why(self, status: Status) -> None:
        id_, alice = job_in(status), User.objects.create_user("alice")

        assert cancel([id_], by=alice.pk, reason="a mistake") == Moved(done=[id_])

        job = Job.objects.get()
        assert (job.status, job.cancel_requested_by, job.cancel_reason) == (Status.CANCELLED, alice, "a mistake")
        assert job.finished_at is not None
        assert job.cancel_requested_at == job.finished_at

    def test_a_running_job_is_asked_to_stop(self) -> None:
        id_ = job_in(Status.RUNNING)

        assert cancel([id_], reason="a mistake") == Moved(requested=[id_])

        job = Job.objects.get()
        assert (job.status, job.finished_at, job.cancel_reason) == (Status.RUNNING, None, "a mistake")
        assert job.cancel_requested_at is not None

    def test_who_asked_first_stays_recorded(self) -> None:
        id_ = job_in(Status.RUNNING)
        alice, bob = User.objects.create_user("alice"), User.objects.create_user("bob")
        cancel([id_], by=alice.pk, reason="first")
        first = Job.objects.get().cancel_requested_at

        assert cancel([id_], by=bob.pk, reason="second") == Moved(requested=[id_])

        job = Job.objects.get()
        assert (job.cancel_requested_at, job.cancel_requested_by, job.cancel_reason) == (first, alice, "first")

    @pytest.mark.parametrize("status", FINISHED)
    def test_what_has_ended_is_left_alone(self, status: Status) -> None:
        id_ = job_in(status)
        before = Job.objects.values().get()

        assert cancel([id_]) == Moved(skipped={id_: status.value})
        assert Job.objects.values().get() == before

    def test_done_asked_and_skipped_are_told_apart(self) -> None:
        ids = [job_in(status) for status in (Status.PENDING, Status.RETRYING, Status.RUNNING, Status.DEAD)]

        assert cancel([*ids, GONE]).summary("cancelled") == (
            "2 cancelled, 1 asked to stop, 2 skipped: 1 dead, 1 unknown job"
        )


class TestDelete:
    @pytest.mark.parametrize("status", [Status.PENDING, *FINISHED])
    def test_what_waits_or_has_ended_is_deleted(self, status: Status) -> None:
        id_, other = job_in(status), put()

        assert delete([id_]) == Moved(done=[id_])
        assert [job.pk for job in Job.objects.all()] == [other]

    @pytest.mark.parametrize("status", [Status.RUNNING, Status.RETRYING])
    def test_what_runs_or_retries_must_be_cancelled_first(self, status: Status) -> None:
        id_ = job_in(status)

        assert delete([id_]) == Moved(skipped={id_: status.value})
        assert Job.objects.filter(pk=id_).exists()


class TestEveryVerb:
    @pytest.mark.parametrize("verb", [retry, run_now, cancel, delete])
    def test_an_unknown_job_is_skipped_and_said(self, verb: Verb) -> None:
        unknown = uuid4()

        assert verb([unknown]).skipped == {unknown: "unknown job"}

    @pytest.mark.parametrize("verb", [retry, run_now, cancel, delete])
    def test_no_jobs_are_no_trouble(self, verb: Verb) -> None:
        put()

        assert verb([]) == Moved()

    def test_a_job_asked_for_twice_is_moved_once(self) -> None:
        id_ = job_in(Status.FAILED)

        assert retry([id_, id_]) == Moved(done=[id_])

    def test_a_running_job_whose_retry_was_refused_goes_on_undisturbed(self) -> None:
        held = hold()
        retry([held.id])

        assert held.finish(Status.SUCCEEDED) == 1


@pytest.mark.parametrize(
    ("moved", "text"),
    [
        (Moved(), "0 retried"),
        (Moved(done=[GONE]), "1 retried"),
        (Moved(done=[GONE] * 5, skipped={uuid4(): "running", uuid4(): "running"}), "5 retried, 2 skipped: running"),
        (Moved(requested=[GONE, GONE]), "0 retried, 2 asked to stop"),
        (Moved(skipped={GONE: "unknown job"}), "0 retried, 1 skipped: unknown job"),
    ],
)
def test_a_summary_is_one_line_for_people(moved: Moved, text: str) -> None:
    assert moved.summary("retried") == text
