"""Health follows what real workers do: each threshold is crossed, and crossed back."""

import signal
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from jobqueue.api import Job, NewJob, enqueue_many
from jobqueue.health import Level, check
from jobqueue.states import Status

from .conftest import StartWorker
from .outcomes import all_ended
from .waiting import eventually

pytestmark = pytest.mark.fault

_SOON = {"HEALTH_PENDING": 5, "HEALTH_FAILED": 2, "HEALTH_NO_BEAT_SECONDS": 3.0}


def wait_for(level: Level, *names: str) -> None:
    """Until the whole is as bad as that, and exactly these questions are to blame."""

    def is_so() -> bool:
        found = check()
        return found.status == level and {name for name, one in found.checks.items() if one.level == level} == {*names}

    eventually(is_so, f"health is {level} by {names}: {check().to_json()}")


def test_health_goes_from_warning_to_critical_and_back_to_healthy(start_worker: StartWorker, database: None) -> None:
    with override_settings(JOB_QUEUE={**settings.JOB_QUEUE, **_SOON}):
        worker = start_worker()
        assert check().status == Level.HEALTHY

        later = timezone.now() + timedelta(hours=1)
        ids = [one.id for one in enqueue_many([NewJob(task_type="noop", run_at=later)] * 6)]
        found = check()
        assert (found.status, found.checks["pendingJobs"].message) == (Level.WARNING, "6 pending, more than 5.")

        worker.signal_all(signal.SIGKILL)
        worker.wait_until_gone()
        wait_for(Level.CRITICAL, "worker")
        assert "No worker has beaten" in check().checks["worker"].message

        start_worker()
        wait_for(Level.WARNING, "pendingJobs")
        Job.objects.filter(pk__in=ids).update(run_at=timezone.now())
        all_ended(ids)
        assert check().status == Level.HEALTHY

        failing = [one.id for one in enqueue_many([NewJob(task_type="refuse")] * 3)]
        all_ended(failing)
        wait_for(Level.WARNING, "failedJobs")
        Job.objects.filter(status=Status.FAILED).delete()
        assert check().status == Level.HEALTHY
