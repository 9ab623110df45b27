"""After a whole day's work no secret is to be found anywhere: not in a log, not in any row, not in the audit log."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest
import requests
from django.contrib.auth.models import User
from django.db import connection

from jobqueue.api import Job, enqueue
from jobqueue.audit import Actor
from jobqueue.models.audit_entry import Channel
from jobqueue.operations.tokens import create_token
from jobqueue.states import FINISHED, Status
from tests.gameplatform.platform import Platform
from tests.jobqueue.worker.outcomes import ended
from tests.jobqueue.worker.processes import WorkerProcess

from .browser.site import Site
from .visitor import Visitor

pytestmark = pytest.mark.fault

_TIMEOUT = 60  # seconds
_PRIVATE = ("SECRET_KEY", "JOB_QUEUE_RUNNER_SECRET", "CRON_SECRET", "METRICS_TOKEN")


class Day(NamedTuple):
    """Where it happens, and what nobody may find afterwards, by what it is."""

    site: str
    platform_variables: dict[str, str]
    environment: dict[str, str]
    logs: Path
    secrets: dict[str, str]


@pytest.fixture
def day(coaches: dict[UUID, User], platform: Platform, tmp_path: Path) -> Iterator[Day]:
    """A site, with secrets that occur nowhere else."""
    private = {name: secrets.token_urlsafe(40) for name in _PRIVATE}
    address = {
        "GAME_PLATFORM_API_BASE_URL": platform.running.base_url,
        "GAME_PLATFORM_API_TOKEN": platform.running.token,
    }
    variables = {**private, **address, "LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG"}
    with ExitStack() as ends:
        site = Site(tmp_path / "web.log", variables)
        ends.callback(site.end)
        site.wait_until_ready()
        known = {**private, "platform token": platform.running.token}
        yield Day(site.address, address, variables, tmp_path, known)


def test_no_secret_is_anywhere_afterwards(day: Day) -> None:
    admin = User.objects.create_superuser("admin")
    _log_in(day, admin)
    _call(day, admin)
    _sync(day)
    _be_refused_by_the_platform(day)

    found = [
        f"{what} in {where}" for where, text in _everything(day) for what, one in day.secrets.items() if one in text
    ]

    assert len(day.secrets) >= 11
    assert found == []


def _log_in(day: Day, admin: User) -> None:
    password = day.secrets["password"] = secrets.token_urlsafe(20)
    wrong = day.secrets["wrong password"] = secrets.token_urlsafe(20)
    admin.set_password(password)
    admin.save()
    assert not Visitor(day.site).log_in("admin", wrong)
    visitor = Visitor(day.site)
    assert visitor.log_in("admin", password)
    assert visitor.get("/admin/jobqueue/job/").ok


def _call(day: Day, admin: User) -> None:
    actor = Actor(name="admin", channel=Channel.CLI)
    _, token = create_token(admin, actor, name="Grafana", scopes=["jobs:read"], expires_at=None)
    day.secrets["API token"] = token
    wrong = day.secrets["wrong token"] = f"jqt_{secrets.token_urlsafe(32)}"
    wrong_runner = day.secrets["wrong runner secret"] = secrets.token_urlsafe(30)
    bearers = {"/api/admin/jobs": token, "/metrics": day.secrets["METRICS_TOKEN"]}
    for path, bearer in bearers.items():
        assert _get(day, path, Authorization=f"Bearer {bearer}") == 200
        assert _get(day, path, Authorization=f"Bearer {wrong}") == 401
    runner = {"x-job-runner-secret": day.secrets["JOB_QUEUE_RUNNER_SECRET"]}
    assert _get(day, "/api/jobs/run?limit=1", **runner) == 200
    assert _get(day, "/api/jobs/run?limit=1", Authorization=f"Bearer {day.secrets['CRON_SECRET']}") == 200
    assert _get(day, "/api/jobs/run", **{"x-job-runner-secret": wrong_runner}) == 401
    assert _get(day, f"/api/admin/jobs?search={wrong}", Authorization=f"Bearer {token}x") == 401


def _get(day: Day, path: str, **headers: str) -> int:
    return requests.get(f"{day.site}{path}", headers=headers, timeout=_TIMEOUT).status_code


def _sync(day: Day) -> None:
    with Working(day, "worker.log", {}):
        job = ended(enqueue("game_platform_sync", {}).id)
    assert job.status == Status.SUCCEEDED, job.error_message


def _be_refused_by_the_platform(day: Day) -> None:
    wrong = day.secrets["wrong platform token"] = secrets.token_urlsafe(30)
    told = day.secrets["what a job tells"] = secrets.token_urlsafe(30)
    with Working(day, "refused.log", {"GAME_PLATFORM_API_TOKEN": wrong}):
        job = ended(enqueue("game_platform_sync", {"forceFullSync": True}).id)
        teller = enqueue("tell_secrets", {"name": "alice", "apiToken": told}).id
        ended(teller)
    assert job.error_code == "AUTH_ERROR"
    # To run a job its payload has to be stored; once the job is gone, so is that.
    Job.objects.filter(pk=teller).update(payload={})
    assert not Job.objects.exclude(status__in=FINISHED).exists()


class Working:
    """One that runs while the block lasts."""

    def __init__(self, day: Day, log: str, variables: dict[str, str]) -> None:
        self._worker = WorkerProcess(day.logs / log, variables={**day.environment, **variables})

    def __enter__(self) -> None:
        self._worker.wait_until_ready()

    def __exit__(self, *_: object) -> None:
        self._worker.end()


def _everything(day: Day) -> Iterator[tuple[str, str]]:
    """The text of every log and of every row of every table."""
    logs = list(day.logs.glob("*.log"))
    assert len(logs) == 3
    yield from ((path.name, path.read_text()) for path in logs)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT row::text FROM "{table}" AS row')  # noqa: S608
            yield table, "\n".join(row[0] for row in cursor.fetchall())
