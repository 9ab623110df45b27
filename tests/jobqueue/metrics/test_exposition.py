"""The metrics as Prometheus' own parser reads them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from jobqueue import pauses
from jobqueue.metrics import exposition, jobs
from jobqueue.models.scheduler_beat import TickSource
from jobqueue.scheduler import beat
from jobqueue.states import Status
from tests.jobqueue.factories import make_job, make_jobs, make_schedule, make_worker

pytestmark = pytest.mark.django_db


def scraped() -> dict[str, Metric]:
    """The families by name, as a scrape finds them."""
    exposition.forget()
    return {family.name: family for family in text_string_to_metric_families(exposition.exposition().decode())}


def value(name: str, **labels: str) -> float:
    """One sample."""
    found = scraped()
    (sample,) = [
        sample
        for family in found.values()
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return sample.value


def test_every_family_has_its_type_and_its_help() -> None:
    make_worker()

    families = scraped()

    assert {name: family.type for name, family in families.items() if name.startswith("jobqueue")} == {
        "jobqueue_health_status": "gauge",
        "jobqueue_workers": "gauge",
        "jobqueue_worker_beat_age_seconds": "gauge",
        "jobqueue_scheduler_tick_age_seconds": "gauge",
        "jobqueue_schedules_late": "gauge",
        "jobqueue_schedule_lateness_seconds": "gauge",
        "jobqueue_oldest_pending_seconds": "gauge",
        "jobqueue_jobs_overdue": "gauge",
        "jobqueue_jobs_stuck": "gauge",
        "jobqueue_processing_enabled": "gauge",
        "jobqueue_jobs": "gauge",
        "jobqueue_attempts": "counter",
        "jobqueue_attempt_duration_seconds": "histogram",
        "jobqueue_claim_latency_seconds": "summary",
    }
    assert all(len(family.documentation) > 10 for family in families.values())


def test_jobs_are_counted_by_state_and_type() -> None:
    make_jobs(3)
    make_jobs(2, task_type="add_one")
    make_job(Status.RUNNING)
    make_jobs(2, Status.DEAD)

    assert value("jobqueue_jobs", state="pending", type="noop") == 3
    assert value("jobqueue_jobs", state="pending", type="add_one") == 2
    assert value("jobqueue_jobs", state="running", type="noop") == 1
    assert value("jobqueue_jobs", state="dead") == 2
    assert value("jobqueue_jobs", state="failed") == 0


def test_task_types_that_nobody_knows_are_one_series() -> None:
    for number in range(50):
        make_job(task_type=f"gone_{number}")

    assert value("jobqueue_jobs", state="pending") == 50
    assert value("jobqueue_jobs", state="pending", type="other") == 50


def test_what_waits_beats_and_ticks_is_told_in_seconds() -> None:
    now = timezone.now()
    make_worker(beat_at=now - timedelta(seconds=30))
    make_job(run_at=now - timedelta(minutes=10))
    beat(TickSource.WORKER, "host-1:1")
    schedule = make_schedule()
    type(schedule).objects.filter(pk=schedule.pk).update(next_run_at=now - timedelta(minutes=5))

    assert value("jobqueue_oldest_pending_seconds") == pytest.approx(600, abs=30)
    assert value("jobqueue_worker_beat_age_seconds") == pytest.approx(30, abs=30)
    assert value("jobqueue_scheduler_tick_age_seconds") < 30
    assert value("jobqueue_schedule_lateness_seconds") == pytest.approx(300, abs=30)


def test_a_pause_is_a_zero() -> None:
    assert value("jobqueue_processing_enabled") == 1
    pauses.pause(reason="upgrade")
    assert value("jobqueue_processing_enabled") == 0


def test_an_empty_database_has_metrics_too() -> None:
    assert value("jobqueue_workers") == 0
    assert value("jobqueue_worker_beat_age_seconds") != value("jobqueue_worker_beat_age_seconds")  # NaN: never


def test_a_scrape_costs_the_same_queries_whatever_there_is() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            scraped()
        return len(captured)

    make_schedule()
    make_worker()
    few = queries()
    make_jobs(30, Status.FAILED)
    for number in range(20):
        make_schedule(f"schedule {number}")
        make_worker()
    assert queries() == few


def test_who_asks_again_within_a_moment_gets_the_same_answer() -> None:
    exposition.forget()
    first = exposition.exposition()
    make_jobs(3)
    with CaptureQueriesContext(connection) as captured:
        assert exposition.exposition() is first
    assert len(captured) == 0


def test_nothing_is_counted_further_than_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_BY_TYPE", jobs._BY_TYPE.replace(f"LIMIT {jobs.CAP}", "LIMIT 5"))
    make_jobs(9, Status.FAILED)
    make_jobs(3, Status.DEAD)

    assert value("jobqueue_jobs", state="failed") == 5
    assert value("jobqueue_jobs", state="dead") == 3
