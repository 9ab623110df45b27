"""The list's first answers: what fails, what runs, what comes next, and whether there is anybody to do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from jobqueue.admin.counts import Count
from jobqueue.conf import conf
from jobqueue.models import Job, Schedule, Worker

RECENT = timedelta(hours=1)
_MOST = 3
_MOST_READ = 5_000

# What has given up lately, and what fails but will be tried again.
_FAILING = f"""
SELECT task_type, error_code, count(*), count(*) FILTER (WHERE status = 'retrying'), sum(count(*)) OVER ()
FROM (
    (SELECT task_type, error_code, status FROM jobqueue_job
     WHERE status IN ('failed', 'dead') AND finished_at >= %s ORDER BY finished_at DESC LIMIT {_MOST_READ})
    UNION ALL
    (SELECT task_type, error_code, status FROM jobqueue_job
     WHERE status = 'retrying' ORDER BY id DESC LIMIT {_MOST_READ})
) AS failing
GROUP BY task_type, error_code ORDER BY count(*) DESC, task_type, error_code LIMIT {_MOST}
"""  # noqa: S608  constants only


@dataclass(frozen=True, kw_only=True)
class Failing:
    """Jobs of one task type with one error."""

    task_type: str
    error_code: str
    count: Count
    retrying: int
    """Of them: those that will be tried again by themselves."""


@dataclass(frozen=True, kw_only=True)
class Glance:
    """The answers; each list holds the first few."""

    failing: Sequence[Failing]
    running: Sequence[Job]
    upcoming: Sequence[Schedule]
    workers: int


def glance() -> Glance:
    """Ask, by four queries."""
    running = Job.objects.running().only("id", "task_type", "status", "started_at", "progress_done", "progress_total")
    upcoming = Schedule.objects.filter(is_active=True).order_by("next_run_at")
    return Glance(
        failing=_failing(),
        running=list(running.order_by("-id")[:_MOST]),
        upcoming=list(upcoming.only("id", "name", "next_run_at")[:_MOST]),
        workers=_workers(),
    )


def _failing() -> list[Failing]:
    with connection.cursor() as cursor:
        cursor.execute(_FAILING, [timezone.now() - RECENT])
        return [
            Failing(
                task_type=kind,
                error_code=code,
                count=Count(number=count, is_capped=read >= _MOST_READ),
                retrying=retrying,
            )
            for kind, code, count, retrying, read in cursor.fetchall()
        ]


def _workers() -> int:
    least = timezone.now() - timedelta(seconds=conf().LOST_AFTER_SECONDS)
    return Worker.objects.filter(stopped_at=None, lost_at=None, beat_at__gt=least).count()
