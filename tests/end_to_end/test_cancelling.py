"""A sync that an administrator cancels while it runs: it stops, stays stopped, and leaves whole batches."""

import signal
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from jobqueue.models import Job
from jobqueue.states import AttemptOutcome, Status
from tests.gameplatform.platform import Platform
from tests.jobqueue.admin.pages import said, verb_url
from tests.jobqueue.worker.outcomes import attempts, ended

from .conftest import StartWorker
from .mirror import NOTHING, check_mirror, mirrored, truth
from .syncs import BATCH, accounts_done, ask_for_sync, sync, wait_until_done

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]


@pytest.fixture
def alice(coaches: dict[UUID, User]) -> Client:
    """An operator, logged in."""
    user = User.objects.create_user("alice", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="operate_job"))
    client = Client()
    client.force_login(user)
    return client


def test_a_cancelled_sync_stays_cancelled_and_the_next_one_completes_it(
    platform: Platform, alice: Client, start_worker: StartWorker
) -> None:
    worker = start_worker()
    id_ = ask_for_sync()
    wait_until_done(id_, 2 * BATCH)
    cancel(alice, id_)

    job = ended(id_)
    assert_cancelled(job)
    assert [attempt.outcome for attempt in attempts(job)] == [AttemptOutcome.CANCELLED]
    assert_whole_batches(platform, id_)

    worker.end()
    start_worker()
    sync()
    check_mirror(platform)
    assert_cancelled(Job.objects.get(pk=id_))


def test_a_sync_whose_worker_dies_before_it_hears_of_the_cancelling_does_not_come_back(
    platform: Platform, alice: Client, start_worker: StartWorker
) -> None:
    worker = start_worker()
    id_ = ask_for_sync()
    wait_until_done(id_, BATCH)
    worker.signal_all(signal.SIGSTOP)
    try:
        cancel(alice, id_)
    finally:
        worker.signal_all(signal.SIGKILL)
    worker.wait()

    start_worker()

    job = ended(id_)
    assert_cancelled(job)
    assert [attempt.outcome for attempt in attempts(job)] == [AttemptOutcome.LOST]
    assert_whole_batches(platform, id_)
    sync()
    check_mirror(platform)
    assert_cancelled(Job.objects.get(pk=id_))


def cancel(client: Client, id_: UUID) -> None:
    """Open the dialog of a running job and send it."""
    url = verb_url(id_, "cancel")
    assert b'name="reason"' in client.get(url).content
    answer = client.post(url, {"_form_submitted": "True", "reason": "wrong evening"})
    assert said(answer) == ["0 cancelled, 1 asked to stop"]


def assert_cancelled(job: Job) -> None:
    assert job.status == Status.CANCELLED
    assert job.cancel_reason == "wrong evening"
    assert job.cancel_requested_by == User.objects.get(username="alice")


def assert_whole_batches(platform: Platform, id_: UUID) -> None:
    """Every account is either as the platform has it or untouched, and the run counts those that are."""
    held, true, done = mirrored(), truth(platform), accounts_done(id_)
    assert {one for one, figures in held.items() if figures != NOTHING} == set(sorted(true)[:done])
    assert all(figures in (NOTHING, true[one]) for one, figures in held.items())
    assert 0 < done < len(true)
    assert done % BATCH == 0
