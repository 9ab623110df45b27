"""Behind pgbouncer: web requests and workers share a few connections."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from jobqueue.api import Job, NewJob, cancel, enqueue, enqueue_many
from jobqueue.audit import verify
from jobqueue.models import Attempt, AuditEntry
from jobqueue.states import Status
from tests.end_to_end.browser.site import Site
from tests.end_to_end.visitor import Visitor

from .cluster import Cluster, programs
from .conftest import StartWorker
from .outcomes import all_ended, ended
from .pooler import Pooler
from .processes import ROOT
from .waiting import eventually

pytestmark = pytest.mark.fault


@pytest.fixture(scope="module")
def pooler(database: None) -> Iterator[Pooler]:
    """In front of a migrated server."""
    bin_ = programs()
    if bin_ is None or not Path("/usr/sbin/pgbouncer").exists():
        pytest.skip("needs Debian's packages postgresql and pgbouncer")
    with tempfile.TemporaryDirectory() as of_server, tempfile.TemporaryDirectory() as folder:
        Path(of_server).chmod(0o755)
        cluster = Cluster(Path(of_server), bin_)
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
        variables = {"DATABASE_URL": cluster.url, "DJANGO_SETTINGS_MODULE": "coachdash.settings", "DEBUG": "true"}
        subprocess.run(migrate, cwd=ROOT, timeout=300, check=True, env={"PATH": "/usr/bin:/bin", **variables})
        pooler = Pooler(Path(folder), cluster)
        try:
            eventually(pooler.is_ready, "pgbouncer takes connections")
            yield pooler
        finally:
            pooler.stop()
            cluster.crash()


@pytest.fixture(params=["by_transaction", "by_session"])
def mode(pooler: Pooler, request: pytest.FixtureRequest) -> Iterator[str]:
    """The tests' own connection, and by DATABASE_URL those of workers, go through the pooler."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", pooler.url(request.param))
        connection.close()
        here = {
            "HOST": "127.0.0.1",
            "PORT": str(pooler.port),
            "USER": "postgres",
            "PASSWORD": "",
            "NAME": request.param,
        }
        for name, value in {**here, "DISABLE_SERVER_SIDE_CURSORS": True}.items():
            patch.setitem(connection.settings_dict, name, value)
        try:
            yield request.param
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM jobqueue_job")
            connection.close()


def test_workers_run_retry_and_cancel_as_ever(mode: str, start_worker: StartWorker) -> None:
    for _ in range(2):
        start_worker("--concurrency", "1")
    sums = enqueue_many([NewJob(task_type="add_one", payload={"number": 1})] * 300)
    slow_starters = enqueue_many([NewJob(task_type="fail_until", payload={"number": 2})] * 20)
    later = enqueue("noop", delay=timedelta(seconds=2))
    endless = enqueue("nap", {"seconds": 300})

    _wait_until_marked(endless.id)
    cancel([endless.id], reason="enough")

    assert {job.status for job in all_ended(one.id for one in [*sums, *slow_starters, later])} == {Status.SUCCEEDED}
    assert ended(endless.id).status == Status.CANCELLED


def test_a_killed_workers_jobs_are_rescued(mode: str, start_worker: StartWorker) -> None:
    first = start_worker("--concurrency", "1")
    job = enqueue("nap", {"seconds": 300})
    _wait_until_marked(job.id)
    first.signal_all(signal.SIGKILL)
    first.wait_until_gone()

    start_worker("--concurrency", "1")

    eventually(lambda: Attempt.objects.filter(job_id=job.id, outcome="lost").exists(), "the job is rescued")
    cancel([job.id], reason="enough")
    assert ended(job.id).status == Status.CANCELLED


def test_many_web_requests_at_once_do_what_they_should(mode: str, tmp_path: Path) -> None:
    admin, _ = User.objects.get_or_create(username="admin", defaults={"is_staff": True, "is_superuser": True})
    admin.set_password("correct horse battery staple")
    admin.save()
    with transaction.atomic():
        jobs = [enqueue("noop").id for _ in range(12)]
    sites = [Site(tmp_path / f"web-{number}.log", {}) for number in range(2)]
    try:
        for site in sites:
            site.wait_until_ready()
        with ThreadPoolExecutor(8) as threads:
            visits = [threads.submit(_visit, sites[number % 2].address, job) for number, job in enumerate(jobs)]
        answers = {visit.result() for visit in visits}
    finally:
        for site in sites:
            site.end()

    assert answers == {(200, 200, 302, 200)}
    assert set(Job.objects.filter(pk__in=jobs).values_list("status", flat=True)) == {Status.CANCELLED}
    assert AuditEntry.objects.filter(action="JOB_CANCEL", object_id__in=map(str, jobs)).count() == 12
    assert verify().is_intact


def _visit(address: str, job: UUID) -> tuple[int, ...]:
    visitor = Visitor(address)
    assert visitor.log_in("admin", "correct horse battery staple")
    answers = (
        visitor.get("/admin/jobqueue/job/"),
        visitor.get(f"/admin/jobqueue/job/{job}/change/"),
        visitor.post(f"/admin/jobqueue/job/{job}/do/cancel/", reason="enough", _form_submitted="True"),
        visitor.get("/health/ready"),
    )
    return tuple(answer.status_code for answer in answers)


def _wait_until_marked(job: UUID) -> None:
    """Until its attempt counts, should its worker be lost."""
    running = Job.objects.filter(pk=job, status=Status.RUNNING, started_at__isnull=False)
    eventually(running.exists, "the job is marked as started")
