"""What people do to jobs and to processing: the verb and exactly one audit entry, together or not at all."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import DataError, transaction
from django.utils import timezone

from jobqueue import operations
from jobqueue.audit import Actor
from jobqueue.editing import JobChanges
from jobqueue.exceptions import InvalidOptionError, InvalidPayloadError
from jobqueue.ids import uuid7
from jobqueue.models import AuditEntry, Job, Pause
from jobqueue.models.audit_entry import Channel
from jobqueue.models.pause import PauseScope
from jobqueue.new_job import NewJob
from jobqueue.pauses import pause
from jobqueue.states import Priority, Status
from jobqueue.transitions import Moved
from tests.jobqueue.audited import ALICE, last_entry, the_entry
from tests.jobqueue.factories import make_job, make_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob() -> Actor:
    """A user of the database."""
    return Actor(name="bob", channel=Channel.ADMIN, user_id=User.objects.create_user("bob").pk, address="192.0.2.9")


class TestOneJob:
    def test_retried_keeps_who_what_before_after_and_why(self, bob: Actor) -> None:
        job = make_job(Status.DEAD)

        moved = operations.retry([job.pk], bob, reason="the platform is back")

        assert moved == Moved(done=[job.pk])
        entry = the_entry()
        assert (entry.actor, entry.actor_id, entry.channel, entry.address) == ("bob", bob.user_id, "admin", "192.0.2.9")
        assert (entry.action, entry.object_type, entry.object_id) == ("JOB_RETRY", "job", str(job.pk))
        assert (entry.object_label, entry.reason, entry.is_refused) == (str(job), "the platform is back", False)
        assert (entry.before["status"], entry.after["status"]) == ("dead", "pending")
        assert (entry.before["attempts"], entry.after["attempts"]) == (1, 0)

    def test_retried_later_says_when(self) -> None:
        job = make_job(Status.DEAD)

        operations.retry([job.pk], ALICE, delay=timedelta(hours=2))

        assert Job.objects.get().run_at > timezone.now() + timedelta(hours=1)
        assert the_entry().after["run_at"] > the_entry().before["run_at"]

    def test_made_due(self) -> None:
        job = make_job(run_at=timezone.now() + timedelta(days=1))

        operations.run_now([job.pk], ALICE)

        entry = the_entry()
        assert entry.action == "JOB_RUN_NOW"
        assert entry.after["run_at"] < entry.before["run_at"]

    def test_cancelled_for_the_user_who_asks(self, bob: Actor) -> None:
        job = make_job()

        operations.cancel([job.pk], bob, "wrong coach")

        assert Job.objects.get().cancel_requested_by_id == bob.user_id
        entry = the_entry()
        assert (entry.action, entry.reason) == ("JOB_CANCEL", "wrong coach")
        assert (entry.before["status"], entry.after["status"]) == ("pending", "cancelled")

    def test_running_and_asked_to_stop_is_not_refused(self) -> None:
        job = make_job(Status.RUNNING)

        assert operations.cancel([job.pk], ALICE).requested == [job.pk]

        entry = the_entry()
        assert not entry.is_refused
        assert (entry.before["cancel_requested_at"], entry.after["status"]) == (None, "running")
        assert entry.after["cancel_requested_at"]

    def test_deleted_keeps_what_it_was_without_its_secrets(self) -> None:
        job = make_job(payload={"coachId": 17, "apiToken": "hunter2hunter2"})

        operations.delete([job.pk], ALICE, "by mistake")

        entry = the_entry()
        assert (entry.action, entry.after, entry.reason) == ("JOB_DELETE", None, "by mistake")
        assert entry.before["payload"]["coachId"] == 17
        assert entry.before["task_type"] == "noop"
        assert "hunter2" not in str(entry.before)

    def test_edited_says_only_what_was_changed(self) -> None:
        job = make_job()

        assert operations.edit(job.pk, JobChanges(priority=Priority.HIGH, queue="slow"), ALICE).done == [job.pk]

        entry = the_entry()
        assert (entry.action, entry.object_label) == ("JOB_EDIT", str(job))
        assert entry.before == {"priority": 0, "queue": "default"}
        assert entry.after == {"priority": 50, "queue": "slow"}

    def test_edited_wrongly_is_not_edited_at_all(self) -> None:
        job = make_job()

        with pytest.raises(InvalidOptionError):
            operations.edit(job.pk, JobChanges(queue=""), ALICE)

        assert not AuditEntry.objects.exists()


class TestRefusals:
    @pytest.mark.parametrize(
        ("operate", "status"),
        [
            (lambda id_: operations.retry([id_], ALICE), Status.RUNNING),
            (lambda id_: operations.run_now([id_], ALICE), Status.SUCCEEDED),
            (lambda id_: operations.cancel([id_], ALICE), Status.DEAD),
            (lambda id_: operations.delete([id_], ALICE), Status.RETRYING),
            (lambda id_: operations.edit(id_, JobChanges(queue="slow"), ALICE), Status.RUNNING),
        ],
        ids=["retry", "run now", "cancel", "delete", "edit"],
    )
    def test_by_the_jobs_state_are_recorded_with_it(self, operate: Callable[[UUID], Moved], status: Status) -> None:
        job = make_job(status)

        assert operate(job.pk).skipped == {job.pk: status}

        entry = the_entry()
        assert (entry.is_refused, entry.reason, entry.after) == (True, status, None)
        assert entry.before

    def test_keep_the_reason_of_who_asked(self) -> None:
        operations.cancel([make_job(Status.DEAD).pk], ALICE, "too late")

        assert the_entry().reason == "dead (asked for because: too late)"

    def test_of_a_job_that_is_gone(self) -> None:
        operations.retry([gone := uuid7()], ALICE)

        entry = the_entry()
        assert (entry.is_refused, entry.reason, entry.object_id, entry.before) == (True, "unknown job", str(gone), None)

    def test_before_any_verb_was_called(self) -> None:
        operations.refuse(ALICE, "JOB_RETRY", "job", "7", "no permission")

        entry = the_entry()
        assert (entry.action, entry.object_id, entry.reason, entry.is_refused) == (
            "JOB_RETRY", "7", "no permission", True,
        )  # fmt: skip


class TestSeveralJobs:
    def test_make_one_entry_with_counts_and_reasons(self) -> None:
        dead, running = make_jobs(3, Status.DEAD), make_jobs(2, Status.RUNNING)
        ids = [job.pk for job in dead + running]

        operations.retry([*ids, ids[0]], ALICE, reason="again")

        entry = the_entry()
        assert (entry.action, entry.object_type, entry.object_id) == ("JOB_RETRY", "jobs", "")
        assert (entry.object_label, entry.reason, entry.is_refused) == ("5 jobs", "again", False)
        assert entry.after == {
            "done": 3, "requested": 0, "skipped": {"running": 2}, "ids": [str(id_) for id_ in ids],
        }  # fmt: skip

    def test_are_listed_up_to_a_hundred(self) -> None:
        operations.cancel([job.pk for job in make_jobs(103)], ALICE)

        assert the_entry().after["done"] == 103
        assert len(the_entry().after["ids"]) == 100

    def test_all_refused_is_a_refusal(self) -> None:
        operations.delete([job.pk for job in make_jobs(2, Status.RUNNING)], ALICE)

        assert the_entry().is_refused

    def test_none_at_all_is_nothing(self) -> None:
        assert operations.retry([], ALICE) == Moved()
        assert not AuditEntry.objects.exists()


class TestCreating:
    def test_keeps_what_was_asked_for_and_by_whom(self, bob: Actor) -> None:
        enqueued = operations.create(NewJob(task_type="add_one", payload={"number": 4}, queue="slow"), bob)

        entry = the_entry()
        assert (entry.action, entry.object_id) == ("JOB_CREATE", str(enqueued.id))
        assert (entry.before, entry.after["payload"], entry.after["queue"]) == (None, {"number": 4}, "slow")
        assert Job.objects.get().created_by_id == bob.user_id

    def test_with_a_key_that_is_taken_is_refused(self) -> None:
        held = operations.create(NewJob(task_type="noop", unique_key="k"), ALICE)
        again = operations.create(NewJob(task_type="noop", unique_key="k"), ALICE)

        assert (again.created, again.id) == (False, held.id)
        entry = last_entry()
        assert (entry.is_refused, entry.reason) == (True, "its unique key is taken")
        assert AuditEntry.objects.count() == 2

    def test_with_a_wrong_payload_leaves_nothing(self) -> None:
        with pytest.raises(InvalidPayloadError):
            operations.create(NewJob(task_type="add_one", payload={"nummer": 4}), ALICE)

        assert not Job.objects.exists()
        assert not AuditEntry.objects.exists()


class TestProcessing:
    def test_paused_says_what_why_and_until_when(self, bob: Actor) -> None:
        end = timezone.now() + timedelta(hours=1)

        operations.pause(bob, reason="the provider is down", scope=PauseScope.QUEUE, name="mail", ends_at=end)

        assert Pause.objects.get().created_by_id == bob.user_id
        entry = the_entry()
        assert (entry.action, entry.object_type, entry.object_id) == ("PROCESSING_PAUSE", "processing", "queue:mail")
        assert (entry.object_label, entry.reason, entry.before) == ("One queue mail", "the provider is down", None)
        assert entry.after["ends_at"]

    def test_paused_again_says_what_was_before(self) -> None:
        operations.pause(ALICE, reason="old")
        operations.pause(ALICE, reason="new")

        entry = last_entry()
        assert (entry.before["reason"], entry.after["reason"], entry.object_id) == ("old", "new", "everything")

    def test_resumed(self) -> None:
        operations.pause(ALICE, reason="old")

        assert operations.resume(ALICE)

        entry = last_entry()
        assert (entry.action, entry.before["reason"], entry.after) == ("PROCESSING_RESUME", "old", None)
        assert not entry.is_refused

    def test_resumed_though_not_paused_is_refused(self) -> None:
        assert not operations.resume(ALICE, scope=PauseScope.QUEUE, name="mail")

        assert (the_entry().is_refused, the_entry().reason) == (True, "not paused")


@pytest.mark.parametrize(
    "operate",
    [
        lambda id_: operations.retry([id_], ALICE),
        lambda id_: operations.delete([id_], ALICE),
        lambda id_: operations.create(NewJob(task_type="noop"), ALICE),
        lambda id_: operations.pause(ALICE, reason="x"),
    ],
    ids=["retry", "delete", "create", "pause"],
)
def test_what_is_rolled_back_is_neither_done_nor_recorded(operate: Callable[[UUID], object]) -> None:
    job = make_job(Status.DEAD)
    with transaction.atomic():
        operate(job.pk)
        assert AuditEntry.objects.count() == 1
        transaction.set_rollback(True)

    assert list(Job.objects.values_list("pk", "status")) == [(job.pk, "dead")]
    assert not Pause.objects.exists()
    assert not AuditEntry.objects.exists()


_NOBODY = Actor(name="x", channel=Channel.API, user_id=2**70)
"""Cannot be recorded: no column holds that number."""


@pytest.mark.parametrize(
    "operate",
    [
        lambda ids: operations.retry(ids[:1], _NOBODY),
        lambda ids: operations.retry(ids, _NOBODY),
        lambda ids: operations.delete(ids, _NOBODY),
        lambda ids: operations.resume(_NOBODY),
    ],
    ids=["retry one", "retry two", "delete", "resume"],
)
def test_what_cannot_be_recorded_is_not_done(operate: Callable[[list[UUID]], object]) -> None:
    ids = [job.pk for job in make_jobs(2, Status.DEAD)]
    pause(reason="x")

    with pytest.raises(DataError):
        operate(ids)

    assert list(Job.objects.values_list("status", flat=True)) == ["dead", "dead"]
    assert Pause.objects.exists()
