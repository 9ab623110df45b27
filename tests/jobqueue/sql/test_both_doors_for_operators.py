"""What people do: the same cases through Python and through SQL leave the same rows and the same entries."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from jobqueue import pauses
from jobqueue.audit import verify
from jobqueue.claim import claim
from jobqueue.models import AuditEntry, Job, Schedule, SchedulerBeat, Worker
from jobqueue.models.scheduler_beat import TickSource
from jobqueue.reports import encode_report
from jobqueue.scheduler import beat
from jobqueue.states import FINISHED, UNFINISHED, WAITING, OnFailure, Status
from jobqueue.transitions import finish
from tests.jobqueue.factories import make_job, make_jobs, make_schedule, make_worker
from tests.jobqueue.lifecycle import Held, hold, job_in, put, status_of, take

from .doors import Door

pytestmark = pytest.mark.django_db
GONE = UUID(int=1)


class TestRetry:
    @pytest.mark.parametrize("status", FINISHED)
    def test_a_finished_job_becomes_pending_with_a_fresh_budget(self, door: Door, status: Status) -> None:
        id_ = job_in(status)

        assert door.retry(id_) == "retried"

        job = Job.objects.get()
        assert (job.status, job.attempts, job.finished_at, job.result) == (Status.PENDING, 0, None, None)
        assert job.run_at <= timezone.now()
        assert take(id_).claimed.number == 1

    def test_a_retrying_job_is_due_now_and_keeps_the_attempts_it_has_used(self, door: Door) -> None:
        id_ = job_in(Status.RETRYING)

        assert door.retry(id_) == "retried"
        assert (status_of(id_), take(id_).claimed.number) == ("pending", 2)

    @pytest.mark.parametrize("status", [Status.RUNNING, Status.PENDING])
    def test_what_runs_or_waits_is_refused_with_its_state(self, door: Door, status: Status) -> None:
        id_ = job_in(status)
        before = Job.objects.values().get()

        assert door.retry(id_) == f"skipped: {status}"
        assert Job.objects.values().get(pk=id_) == before

    def test_a_job_whose_unique_key_is_taken_is_skipped(self, door: Door) -> None:
        id_ = job_in(Status.FAILED, unique_key="k")
        put(unique_key="k")

        assert door.retry(id_) == "skipped: its unique key is taken"
        assert status_of(id_) == Status.FAILED

    def test_a_job_that_was_cancelled_with_its_parent_is_not_retried_alone(self, door: Door) -> None:
        parent = hold()
        child = put(depends_on=[parent.id], on_failure=OnFailure.CANCEL)
        finish(parent.worker, [_failed(parent)], [str(parent.id)])

        assert door.retry(child) == "skipped: a job that it depends on did not succeed"

    def test_a_job_run_again_after_success_starts_from_its_beginning(self, door: Door) -> None:
        id_ = job_in(Status.SUCCEEDED)
        Job.objects.update(checkpoint={"next": 100})

        door.retry(id_)

        assert Job.objects.get().checkpoint is None


class TestCancel:
    @pytest.mark.parametrize("status", WAITING)
    def test_a_waiting_job_is_cancelled_at_once_with_when_and_why(self, door: Door, status: Status) -> None:
        id_ = job_in(status)

        assert door.cancel(id_, "a mistake") == "cancelled"

        job = Job.objects.get()
        assert (job.status, job.cancel_reason, job.cancel_requested_by) == (Status.CANCELLED, "a mistake", None)
        assert job.cancel_requested_at == job.finished_at is not None

    def test_a_running_job_is_asked_to_stop_and_the_first_reason_stays(self, door: Door) -> None:
        id_ = job_in(Status.RUNNING)

        assert door.cancel(id_, "first") == "asked to stop"
        assert door.cancel(id_, "second") == "asked to stop"

        job = Job.objects.get()
        assert (job.status, job.finished_at, job.cancel_reason) == (Status.RUNNING, None, "first")

    @pytest.mark.parametrize("status", FINISHED)
    def test_what_has_ended_is_left_alone(self, door: Door, status: Status) -> None:
        id_ = job_in(status)
        before = Job.objects.values().get()

        assert door.cancel(id_) == f"skipped: {status}"
        assert Job.objects.values().get() == before

    def test_a_parked_job_is_unparked(self, door: Door) -> None:
        worker = make_worker().pk
        _, second = (put(concurrency_key="k") for _ in range(2))
        claim(worker, 2)

        assert door.cancel(second) == "cancelled"
        job = Job.objects.get(pk=second)
        assert (job.parked, job.blockers) == ("", 0)

    def test_what_depends_on_it_is_cancelled_with_it(self, door: Door) -> None:
        parent = put()
        child = put(depends_on=[parent], on_failure=OnFailure.CANCEL)

        door.cancel(parent)

        assert (status_of(child), Job.objects.get(pk=child).error_code) == ("cancelled", "DEPENDENCY_FAILED")


class TestEveryVerb:
    @pytest.mark.parametrize("verb", ["retry", "cancel"])
    def test_an_unknown_job_is_skipped_said_and_recorded(self, door: Door, verb: str) -> None:
        assert getattr(door, verb)(GONE) == "skipped: unknown job"
        entry = AuditEntry.objects.get()
        assert (entry.is_refused, entry.reason, entry.object_id) == (True, "unknown job", str(GONE))
        assert (entry.object_label, entry.before, entry.after) == ("", None, None)

    def test_a_deed_is_recorded_with_what_was_before_and_after(self, door: Door) -> None:
        id_ = job_in(Status.DEAD)
        door.retry(id_)

        entry = AuditEntry.objects.get()
        assert (entry.action, entry.channel, entry.object_type) == ("JOB_RETRY", door.channel, "job")
        assert (entry.object_id, entry.object_label) == (str(id_), str(Job.objects.get()))
        assert entry.before is not None
        assert entry.after is not None
        assert (entry.before["status"], entry.after["status"]) == ("dead", "pending")
        assert entry.before.keys() == entry.after.keys() == {
            "status", "run_at", "attempts", "max_attempts", "cancel_requested_at", "error_code",
        }  # fmt: skip
        assert (entry.is_refused, entry.reason) == (False, "")

    def test_a_reason_is_recorded_and_so_is_a_refusal(self, door: Door) -> None:
        door.cancel(put(), "a mistake")
        door.cancel(job_in(Status.FAILED), "another")

        done, refused = AuditEntry.objects.order_by("number")
        assert (done.reason, done.is_refused) == ("a mistake", False)
        assert (refused.reason, refused.is_refused, refused.after) == (
            "failed (asked for because: another)",
            True,
            None,
        )

    def test_the_chain_of_the_log_holds(self, door: Door) -> None:
        id_ = door.enqueue("noop")
        door.cancel(id_, "a mistake")
        door.retry(id_)
        door.retry(id_)

        verdict = verify()
        assert (verdict.entries, verdict.first_problem) == (4, None)


class TestCleaningUp:
    def old(self, status: Status, days: int, **fields: Any) -> UUID:
        """A job that ended so many days ago."""
        moment = timezone.now() - timedelta(days=days)
        id_ = UUID(int=int((moment - timedelta(minutes=1)).timestamp() * 1000) << 80 | Job.objects.count())
        return make_job(status, id=id_, finished_at=moment, **fields).pk

    def test_each_state_has_its_own_retention(self, door: Door) -> None:
        kept = {
            self.old(Status.SUCCEEDED, 13),
            self.old(Status.CANCELLED, 13),
            self.old(Status.FAILED, 29),
            self.old(Status.DEAD, 29),
        }
        self.old(Status.SUCCEEDED, 15)
        self.old(Status.CANCELLED, 15)
        self.old(Status.FAILED, 31)
        self.old(Status.DEAD, 31)

        assert door.clean_up() == 4
        assert set(Job.objects.values_list("pk", flat=True)) == kept

    def test_a_given_age_counts_for_all_that_ended(self, door: Door) -> None:
        for status in FINISHED:
            self.old(status, 2)
            self.old(status, 0)

        assert door.clean_up(timedelta(days=1)) == 4
        assert Job.objects.count() == 4

    def test_what_has_not_ended_is_kept(self, door: Door) -> None:
        for status in UNFINISHED:
            make_job(status)

        assert door.clean_up(timedelta(0)) == 0
        assert Job.objects.count() == 3


class TestHealth:
    def levels(self, door: Door) -> dict[str, tuple[str, Any]]:
        """Level and value by name, with the worst as "status"."""
        found = door.health()
        checks = {name: (check["level"], check["value"]) for name, check in found["checks"].items()}
        return {**checks, "status": (found["status"], None)}

    def test_a_queue_at_rest_with_a_worker_is_healthy(self, door: Door) -> None:
        make_worker()

        found = self.levels(door)

        assert found.pop("workerLastPing")[0] == "healthy"
        assert found == {
            "database": ("healthy", "up"), "worker": ("healthy", 1), "processing": ("healthy", "on"),
            "pendingJobs": ("healthy", 0), "runningJobs": ("healthy", 0), "failedJobs": ("healthy", 0),
            "deadJobs": ("healthy", 0), "oldestPendingJob": ("healthy", None), "overdueJobs": ("healthy", 0),
            "stuckJobs": ("healthy", 0), "scheduler": ("healthy", 0), "schedulerLastTick": ("healthy", None),
            "status": ("healthy", None),
        }  # fmt: skip

    def test_without_a_worker_it_is_critical(self, door: Door) -> None:
        make_worker(beat_at=timezone.now() - timedelta(seconds=61))

        found = self.levels(door)

        assert (found["worker"], found["status"]) == (("critical", 0), ("critical", None))

    @pytest.mark.parametrize(("seconds", "level"), [(170, "healthy"), (190, "critical")])
    def test_where_a_crontab_ticks_workers_may_be_silent_for_three_minutes(
        self, door: Door, seconds: int, level: str
    ) -> None:
        beat(TickSource.CRONTAB, "host-1:4711")
        make_worker(beat_at=timezone.now() - timedelta(seconds=seconds))

        assert self.levels(door)["worker"][0] == level

    def test_all_that_piles_up_is_a_warning(self, door: Door) -> None:
        now = timezone.now()
        worker = make_worker()
        make_jobs(101, run_at=now - timedelta(minutes=31))
        make_jobs(11, Status.FAILED)
        make_jobs(11, Status.DEAD)
        Job.objects.filter(pk=make_job(Status.RUNNING, worker=worker).pk).update(started_at=now - timedelta(hours=1))
        make_schedule()
        make_schedule("late")
        Schedule.objects.filter(name="late").update(next_run_at=now - timedelta(hours=1))
        beat(TickSource.WORKER, "host-1:4711")
        pauses.pause(reason="maintenance")

        found = self.levels(door)

        assert {name for name, (level, _) in found.items() if level == "warning"} == {
            "pendingJobs", "failedJobs", "deadJobs", "oldestPendingJob", "overdueJobs", "stuckJobs", "scheduler",
            "processing", "status",
        }  # fmt: skip
        assert [found[name][1] for name in ("pendingJobs", "failedJobs", "deadJobs", "stuckJobs")] == [101, 11, 11, 1]
        assert (found["overdueJobs"][1], found["processing"][1]) == (101, "paused")
        assert found["oldestPendingJob"][1] in range(1860, 2000)
        assert Worker.objects.count() == 1

    @pytest.mark.parametrize(
        ("late", "grace", "level", "number"), [(14, 15, "healthy", 0), (16, 15, "warning", 1), (1, 0, "warning", 1)]
    )
    def test_each_schedule_is_late_by_its_own_grace(
        self, door: Door, late: int, grace: int, level: str, number: int
    ) -> None:
        make_schedule(grace=timedelta(minutes=grace))
        make_schedule("switched off", is_active=False)
        Schedule.objects.update(next_run_at=timezone.now() - timedelta(minutes=late))
        beat(TickSource.WORKER, "host-1:4711")

        assert self.levels(door)["scheduler"] == (level, number)

    @pytest.mark.parametrize(("silence", "level"), [(None, "critical"), (190, "critical"), (170, "healthy")])
    def test_active_schedules_need_a_scheduler(self, door: Door, silence: int | None, level: str) -> None:
        make_schedule()
        if silence is not None:
            at = timezone.now() - timedelta(seconds=silence)
            SchedulerBeat.objects.create(at=at, source=TickSource.WORKER, holder="host-1:4711")

        assert self.levels(door)["scheduler"] == (level, 0)
        Schedule.objects.update(is_active=False)
        assert self.levels(door)["scheduler"] == ("healthy", 0)


def _failed(held: Held) -> bytes:
    return encode_report(held.report(Status.FAILED))
