"""The admin beside a million jobs: no page, filter or search reads the whole table, whatever is chosen."""

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from jobqueue.models import Job
from tests.bench.admin import _ATTEMPTS, _JOBS
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.pages import JOBS
from tests.jobqueue.ear import raw_connection, without_triggers

_MANY = 1_000_000
_HEAVIEST = 60_000  # bytes, compressed
# One in ten thousand jobs has each of these; a fresh index is what production has.
_RARE = """
UPDATE jobqueue_job SET tags = ARRAY['autumn'], created_by_id = %(user)s, fingerprint = 'aaaaaaaaaaaaaaaa'
WHERE ('x' || right(id::text, 4))::bit(16)::int %% 10000 = 7
"""
_SCANS = "SELECT coalesce(sum(seq_scan), 0) FROM pg_stat_xact_user_tables WHERE relname = 'jobqueue_job'"
_READ = "SELECT coalesce(sum(idx_tup_fetch), 0) FROM pg_stat_xact_user_tables WHERE relname = 'jobqueue_job'"


@pytest.fixture(scope="module")
def a_million_jobs(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """1,000,000 jobs and 200,000 attempts, of which the statistics think that there are 10,000."""
    with django_db_blocker.unblock(), raw_connection() as raw:
        raw.execute("TRUNCATE jobqueue_job, jobqueue_attempt CASCADE")
        user = User.objects.create(username="planner").pk
        raw.execute("ALTER TABLE jobqueue_job SET (autovacuum_enabled = false)")
        raw.execute(_JOBS, {"jobs": 10_000})
        raw.execute("VACUUM ANALYZE jobqueue_job")
        raw.execute("TRUNCATE jobqueue_job CASCADE")
        with without_triggers(raw):
            raw.execute(_JOBS, {"jobs": _MANY})
            raw.execute(_ATTEMPTS)
        raw.execute(_RARE, {"user": user})
        yield
        raw.execute("TRUNCATE jobqueue_job, jobqueue_attempt CASCADE")
        raw.execute("ALTER TABLE jobqueue_job RESET (autovacuum_enabled)")
        User.objects.all().delete()
        raw.execute("ANALYZE jobqueue_job")
        connection.close()


@pytest.fixture(scope="module", params=["stale", "fresh"])
def statistics(request: pytest.FixtureRequest, a_million_jobs: None) -> None:
    """What they say of the jobs: of those before, or of these. In this order, as the rows are the same."""
    with raw_connection() as raw:
        raw.execute("VACUUM jobqueue_job" if request.param == "stale" else "VACUUM ANALYZE jobqueue_job")


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("statistics"), pytest.mark.xdist_group("plans")]


def _asked(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int((cursor.fetchone() or (0,))[0])


@pytest.mark.parametrize(
    "query",
    [
        "",
        "status=succeeded",
        "status=running",
        "status=failed,dead",
        "status=failed,dead&date=hour",
        "task_type=add_one",
        "task_type=no_such_type",
        "status=succeeded&task_type=no_such_type",
        "queue=nowhere",
        "date=hour",
        "date=week",
        "since=2020-01-01T00:00&until=2020-01-02T00:00",
        "created_by=planner",
        "created_by=planner&status=failed",
        "schedule=1",
        "error_code=TIMEOUT",
        "error_code=NO_SUCH_ERROR",
        "tag=autumn",
        "tag=nothing",
        "fingerprint=aaaaaaaaaaaaaaaa",
        "coach=3",
        "coach=999999",
        "q=nothing+like+it",
        "q=number+17",
        "q=deadbeef",
        "q=01890000-0000-7000-8000-000000000000",
    ],
)
def test_no_list_reads_the_whole_table(sign_in: SignIn, settings: Any, query: str) -> None:
    from coachdash.scopes import SCOPES

    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCOPES": SCOPES}
    alice = sign_in("alice", "operate_job", "delete_job")
    scans, read = _asked(_SCANS), _asked(_READ)

    assert alice.get(f"{JOBS}?{query}").status_code == 200

    assert _asked(_SCANS) == scans
    assert _asked(_READ) - read < 250_000


@pytest.mark.parametrize(
    "page",
    [
        "/admin/",
        "/admin/jobqueue/worker/dashboard/",
        "/admin/jobqueue/worker/dashboard/?span=7d",
        f"{JOBS}failures/",
        f"{JOBS}failures/?seen=hour",
        "/admin/jobqueue/worker/",
        "/admin/jobqueue/schedule/",
        "/admin/jobqueue/pause/",
        "/api/admin/jobs/health",
    ],
)
def test_no_other_page_does(sign_in: SignIn, page: str) -> None:
    alice = sign_in("alice", "operate_job", "view_worker", "view_schedule", "view_pause")
    scans, read = _asked(_SCANS), _asked(_READ)

    response = alice.get(page)

    assert response.status_code == 200
    assert _asked(_SCANS) == scans
    assert _asked(_READ) - read < 250_000
    assert len(gzip.compress(response.content)) < _HEAVIEST


def test_no_scrape_of_the_metrics_does(settings: Any) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "METRICS_TOKENS": ["a-token-for-the-metrics"]}
    scans, read = _asked(_SCANS), _asked(_READ)

    response = Client().get("/metrics", headers={"Authorization": "Bearer a-token-for-the-metrics"})

    assert response.status_code == 200
    assert _asked(_SCANS) == scans
    assert _asked(_READ) - read < 250_000


@pytest.mark.parametrize("status", ["succeeded", "failed", "dead"])
def test_no_jobs_page_does(sign_in: SignIn, status: str) -> None:
    alice = sign_in("alice", "operate_job")
    job = Job.objects.filter(status=status).latest("id")
    scans, read = _asked(_SCANS), _asked(_READ)

    response = alice.get(f"{JOBS}{job.pk}/change/")

    assert response.status_code == 200
    assert _asked(_SCANS) == scans
    assert _asked(_READ) - read < 1_000
    assert len(gzip.compress(response.content)) < _HEAVIEST


def test_the_last_page_is_found_as_the_first(sign_in: SignIn) -> None:
    alice = sign_in("alice", "operate_job")
    oldest = Job.objects.order_by("id").values_list("id", flat=True)[30]
    scans, read = _asked(_SCANS), _asked(_READ)

    response: Any = alice.get(f"{JOBS}?before={oldest}")

    assert len(response.context_data["cl"].result_list) == 30
    assert _asked(_SCANS) == scans
    assert _asked(_READ) - read < 250_000
