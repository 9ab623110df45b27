"""What the served API has in it, and how it is reached."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.contrib.auth.models import User
from django.utils import timezone

from jobqueue.audit import Actor
from jobqueue.models import WorkerCycle
from jobqueue.models.audit_entry import Channel
from jobqueue.operations import create_token
from jobqueue.scheduler import run_schedule
from jobqueue.states import Status
from tests.coachdash.factories import coach
from tests.jobqueue.factories import make_attempt, make_job, make_log_lines, make_schedule
from tests.jobqueue.http.calling import SCOPES

RUNNER_SECRET = "the-secret-of-the-runner"
CRON_SECRET = "the-secret-of-the-cron-service"


@dataclass(frozen=True, kw_only=True)
class Site:
    """A served API."""

    address: str
    token: str
    """Of a superuser, with all scopes."""
    log: Path


def fill() -> str:
    """Make jobs in every state, schedules with runs, a cycle, a coach; returns the secret of a token."""
    root = User.objects.create_superuser("root")
    coach("carol")
    for status in Status:
        job = make_job(status, run_at=timezone.now() + timedelta(days=300), created_by=root, claim=1)
        if status in (Status.FAILED, Status.DEAD):
            make_attempt(job)
            make_log_lines(job, 3)
    for number in range(3):
        run_schedule(make_schedule(f"schedule {number}"))
    WorkerCycle.objects.create(source="http", status="ok", status_code=200, finished_at=timezone.now())
    actor = Actor(name="test", channel=Channel.CLI)
    return create_token(root, actor, name="all", scopes=SCOPES, expires_at=None)[1]
