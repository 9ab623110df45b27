"""Pausing and resuming. What a pause stops is in test_claim.py."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone

from jobqueue.api import enqueue, pause, resume
from jobqueue.claim import claim
from jobqueue.models import Pause
from jobqueue.models.pause import PauseScope
from jobqueue.states import MAINTENANCE
from tests.jobqueue.factories import make_worker
from tests.jobqueue.lifecycle import put

pytestmark = pytest.mark.django_db


def test_a_pause_says_what_who_why_and_until_when() -> None:
    alice, end = User.objects.create_user("alice"), timezone.now() + timedelta(hours=1)

    pause(reason="provider is down", scope=PauseScope.QUEUE, name="mail", by=alice.pk, ends_at=end)

    row = Pause.objects.get()
    assert (row.scope, row.name, row.reason) == ("queue", "mail", "provider is down")
    assert (row.created_by, row.ends_at) == (alice, end)
    assert str(row) == "One queue mail"


def test_pausing_a_scope_again_replaces_its_pause_with_its_time() -> None:
    alice, bob = User.objects.create_user("alice"), User.objects.create_user("bob")
    with time_machine.travel(timezone.now() - timedelta(days=2)):
        pause(reason="old", by=alice.pk, ends_at=timezone.now())
    before = timezone.now()

    pause(reason="new", by=bob.pk)

    row = Pause.objects.get()
    assert (row.reason, row.created_by, row.ends_at) == ("new", bob, None)
    assert row.since >= before


def test_jobs_go_on_where_they_stood_after_resuming() -> None:
    id_, worker = put(), make_worker().pk
    pause(reason="maintenance")
    assert claim(worker, 1) == []

    assert resume()

    assert [job.id for job in claim(worker, 1)] == [str(id_)]


def test_resuming_what_is_not_paused_says_so() -> None:
    pause(reason="x", scope=PauseScope.QUEUE, name="mail")

    assert not resume()
    assert not resume(scope=PauseScope.QUEUE, name="sync")
    assert not resume(scope=PauseScope.TASK_TYPE, name="mail")
    assert resume(scope=PauseScope.QUEUE, name="mail")
    assert not resume(scope=PauseScope.QUEUE, name="mail")


def test_each_scope_is_resumed_by_itself() -> None:
    pause(reason="x")
    pause(reason="x", scope=PauseScope.TASK_TYPE, name="noop")

    resume()

    assert [row.scope for row in Pause.objects.all()] == [PauseScope.TASK_TYPE]


@pytest.mark.parametrize("queues", [(), ("default",)])
def test_work_on_the_queue_itself_goes_on_while_everything_is_paused(queues: tuple[str, ...]) -> None:
    pause(reason="a flood of wrong jobs")
    enqueue("noop", queue="default")
    kept = enqueue("noop", queue=MAINTENANCE).id

    assert [job.id for job in claim(make_worker().pk, 10, queues)] == [str(kept)]


def test_a_pause_of_the_maintenance_queue_itself_holds_it() -> None:
    pause(reason="not even that", scope=PauseScope.QUEUE, name=MAINTENANCE)
    enqueue("noop", queue=MAINTENANCE)

    assert claim(make_worker().pk, 10) == []
