"""What a system crontab calls where no process may stay: functions for CRONJOBS, see `manage.py crontab`."""

import json
import logging
import os
from collections.abc import Sequence
from io import StringIO

from django.core.management import call_command

from jobqueue import deadman, housekeeping
from jobqueue.api import enqueue
from jobqueue.models.scheduler_beat import TickSource
from jobqueue.models.worker_cycle import CycleSource
from jobqueue.worker.once import run_once
from jobqueue.worker.timekeeper import Timekeeper

_CLEANUP = "job_queue_cleanup"
# Cron mails whatever is printed, so these say nothing unless somebody should know.
log = logging.getLogger("jobqueue.crontab")


def tick() -> None:
    """Fire the schedules that are due and do what else workers that stay do by themselves; runs no job.

    For every minute. Alone, it is for a host that schedules what workers elsewhere run.
    """
    _fire()
    deadman.check()
    housekeeping.keep()
    _rescue()


def cycle(*, concurrency: int | None = None, queues: Sequence[str] = (), limit: int | None = None) -> None:
    """Fire the schedules that are due, then run the jobs that are, as `run_worker --once` does.

    For every minute. Cron starts all entries of a minute at once: that this one ticks as well lets a schedule's job run
    in its own minute.

    Args:
        concurrency, queues, limit: as the options of `run_worker`.
    """
    # Cron mails what is printed: what jobs log, and how they end, is kept with their attempts and told nowhere else.
    os.register_at_fork(after_in_child=logging.getLogger().handlers.clear)
    _fire()
    run_once(source=CycleSource.CRONTAB, concurrency=concurrency, queues=queues, limit=limit)


def cleanup() -> None:
    """Enqueue the job that deletes what is past its retention, unless one waits already; for every night."""
    enqueue(_CLEANUP, unique_key=_CLEANUP)


def _fire() -> None:
    Timekeeper(TickSource.CRONTAB).turn()


def _rescue() -> None:
    # A cycle knows the dead of its own host; those of others it would have to watch for longer than it lives.
    said = StringIO()
    call_command("rescue_jobs", "--json", stdout=said, stderr=StringIO())
    for worker in json.loads(said.getvalue())["workers"]:
        log.warning("Worker %s is lost; rescued %d jobs.", worker["process"], worker["jobs"])
