"""The sync that is under way for somebody, read from its job."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Q

from jobqueue.api import Job
from jobqueue.states import WAITING, Status

TASK_TYPE = "game_platform_sync"


@dataclass(frozen=True, kw_only=True)
class Syncing:
    """A sync that has not ended. `total` is 0 until it knows how many accounts there are."""

    is_running: bool
    is_retrying: bool
    done: int
    total: int


def syncing(user: User, coach: User | None) -> Syncing | None:
    """The sync that brings news of this coach's students (None: of anybody's), or that `user` waits for."""
    # Either half is one short index range, however many jobs of other kinds there are.
    mine = Q(created_by=user, status__in=WAITING)
    jobs = Job.objects.filter(Q(status=Status.RUNNING) | mine, task_type=TASK_TYPE)
    if coach is not None:
        everybody = Q(payload__coachId=None) | ~Q(payload__has_key="coachId")
        jobs = jobs.filter(everybody | Q(payload__coachId=coach.pk))
    found = sorted(jobs, key=lambda job: job.status != Status.RUNNING)
    return _as_syncing(found[0]) if found else None


def _as_syncing(job: Job) -> Syncing:
    return Syncing(
        is_running=job.status == Status.RUNNING,
        is_retrying=job.status == Status.RETRYING,
        done=job.progress_done or 0,
        total=job.progress_total or 0,
    )
