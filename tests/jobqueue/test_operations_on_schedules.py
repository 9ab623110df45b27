"""What people do to schedules: the change and its audit entry, with the fields before and after."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from jobqueue import operations
from jobqueue.audit import Actor
from jobqueue.exceptions import UnknownTaskTypeError
from jobqueue.models import AuditEntry, Job, Occurrence, Schedule
from jobqueue.models.audit_entry import Channel
from tests.jobqueue.audited import ALICE, the_entry
from tests.jobqueue.factories import make_schedule

pytestmark = pytest.mark.django_db


def test_a_new_one_is_recorded_whole_and_belongs_to_its_maker() -> None:
    bob = Actor(name="bob", channel=Channel.ADMIN, user_id=User.objects.create_user("bob").pk)
    schedule = Schedule(name="nightly", expression="15 3 * * *", task_type="noop", payload={"apiToken": "hunter2hun"})

    operations.save_schedule(schedule, bob)

    stored = Schedule.objects.get()
    assert stored.created_by_id == bob.user_id
    assert stored.next_run_at is not None
    entry = the_entry()
    assert (entry.action, entry.object_type, entry.object_id) == ("SCHEDULE_CREATE", "schedule", str(stored.pk))
    assert (entry.object_label, entry.before) == ("nightly", None)
    assert entry.after["expression"] == "15 3 * * *"
    assert "hunter2" not in str(entry.after)


def test_an_edit_says_only_what_changed() -> None:
    schedule = make_schedule(queue="slow")
    schedule.expression, schedule.queue = "0 4 * * *", "fast"

    operations.save_schedule(schedule, ALICE)

    entry = the_entry()
    assert entry.action == "SCHEDULE_EDIT"
    assert entry.before == {"expression": "*/30 * * * *", "queue": "slow"}
    assert entry.after == {"expression": "0 4 * * *", "queue": "fast"}


def test_an_edit_of_the_notes_leaves_a_time_that_moved_on_meanwhile_alone() -> None:
    schedule = make_schedule()
    later = timezone.now() + timedelta(days=3)
    Schedule.objects.update(next_run_at=later)
    schedule.notes = "see the wiki"

    operations.save_schedule(schedule, ALICE)

    assert Schedule.objects.get().next_run_at == later


def test_an_edit_that_changes_nothing_is_nothing() -> None:
    operations.save_schedule(make_schedule(), ALICE)

    assert not AuditEntry.objects.exists()


def test_switching_off_is_an_edit() -> None:
    schedule = make_schedule()
    schedule.is_active = False

    operations.save_schedule(schedule, ALICE)

    assert Schedule.objects.get().next_run_at is None
    assert (the_entry().before, the_entry().after) == ({"is_active": True}, {"is_active": False})


def test_deleting_keeps_what_it_was() -> None:
    schedule = make_schedule()
    key = schedule.pk

    operations.delete_schedule(schedule, ALICE, "moved to cron")

    assert not Schedule.objects.exists()
    entry = the_entry()
    assert (entry.action, entry.object_id, entry.reason) == ("SCHEDULE_DELETE", str(key), "moved to cron")
    assert entry.before["task_type"] == "noop"


def test_deleting_what_is_gone_is_refused() -> None:
    schedule = make_schedule()
    Schedule.objects.filter(pk=schedule.pk).delete()

    operations.delete_schedule(schedule, ALICE)

    assert (the_entry().is_refused, the_entry().reason) == (True, "it is gone already")


def test_running_names_the_job() -> None:
    schedule = make_schedule()

    enqueued = operations.run_schedule(schedule, ALICE)

    entry = the_entry()
    assert (entry.action, entry.object_label) == ("SCHEDULE_RUN", schedule.name)
    assert entry.after == {"job": str(enqueued.id)}
    assert Occurrence.objects.get().job_id == enqueued.id


def test_running_one_whose_task_type_is_gone_is_refused_with_the_reason() -> None:
    schedule = make_schedule(task_type="forgotten")

    with pytest.raises(UnknownTaskTypeError):
        operations.run_schedule(schedule, ALICE)

    assert not Job.objects.exists()
    entry = the_entry()
    assert entry.is_refused
    assert "Unknown task type 'forgotten'" in entry.reason


def test_what_is_rolled_back_is_neither_done_nor_recorded() -> None:
    schedule = make_schedule()
    with transaction.atomic():
        operations.run_schedule(schedule, ALICE)
        operations.delete_schedule(schedule, ALICE)
        transaction.set_rollback(True)

    assert Schedule.objects.exists()
    assert not Job.objects.exists()
    assert not AuditEntry.objects.exists()
