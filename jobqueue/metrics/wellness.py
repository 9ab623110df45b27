"""What health asks, as numbers: workers, the scheduler, what waits too long."""

from collections.abc import Iterator
from datetime import datetime

from django.db import OperationalError
from django.db.models import Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from jobqueue import health
from jobqueue.health import Health, Level
from jobqueue.models import Schedule


def wellness() -> Iterator[Metric]:
    """A dozen gauges without labels.

    Raises:
        OperationalError: the database does not answer.
    """
    found = health.check()
    if found.checks["database"].level == Level.CRITICAL:
        raise OperationalError(found.checks["database"].message)
    yield from _gauges(found)
    yield _gauge(
        "jobqueue_schedule_lateness_seconds",
        "For how long the latest of all active schedules should have fired; 0 if none is late.",
        _lateness(),
    )


def _gauges(found: Health) -> Iterator[Metric]:
    values = {name: check.value for name, check in found.checks.items()}
    level = list(Level).index(found.status)
    yield _gauge("jobqueue_health_status", "0 healthy, 1 warning, 2 critical.", level)
    yield _gauge("jobqueue_workers", "Workers that beat.", values["worker"])
    yield _gauge("jobqueue_worker_beat_age_seconds", "Since the latest beat of any.", _age(values["workerLastPing"]))
    yield _gauge("jobqueue_scheduler_tick_age_seconds", "Since the latest tick.", _age(values["schedulerLastTick"]))
    yield _gauge("jobqueue_schedules_late", "Schedules that have not fired within their grace.", values["scheduler"])
    yield _gauge(
        "jobqueue_oldest_pending_seconds",
        "For how long the job that has waited longest of those that could run has been due; 0 for none.",
        values["oldestPendingJob"] or 0,
    )
    yield _gauge("jobqueue_jobs_overdue", "Jobs that should have begun long ago.", values["overdueJobs"])
    yield _gauge("jobqueue_jobs_stuck", "Jobs that run for too long.", values["stuckJobs"])
    on = values["processing"] == "on"
    yield _gauge("jobqueue_processing_enabled", "1 if nothing is paused or switched off.", int(on))


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _age(moment: str | None) -> float:
    if moment is None:
        return float("nan")  # never yet
    return max((timezone.now() - datetime.fromisoformat(moment)).total_seconds(), 0.0)


def _lateness() -> float:
    due: datetime | None = Schedule.objects.filter(is_active=True).aggregate(first=Min("next_run_at"))["first"]
    return 0.0 if due is None else max((timezone.now() - due).total_seconds(), 0.0)
