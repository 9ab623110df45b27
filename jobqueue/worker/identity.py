"""Who this worker is, in the table of workers; fresh at every start."""

import logging
import os
import socket
from collections.abc import Sequence
from uuid import UUID

from django.db import OperationalError
from django.utils import timezone

from jobqueue import known_types
from jobqueue.conf import conf
from jobqueue.executor.process import machine, start_time
from jobqueue.models import Job, Worker
from jobqueue.rescue import rescue
from jobqueue.states import Status

log = logging.getLogger("jobqueue.worker")


def register(concurrency: int, queues: Sequence[str]) -> UUID:
    """Insert this process as a new worker, and tell the database its task types; returns its id."""
    known_types.sync()
    now = timezone.now()
    return Worker.objects.create(
        host=socket.gethostname(),
        machine=machine(),
        pid=os.getpid(),
        process_started=start_time(os.getpid()) or "",
        version=conf().VERSION,
        queues=list(queues),
        concurrency=concurrency,
        started_at=now,
        beat_at=now,
    ).pk


def deregister(worker: UUID) -> None:
    """Record that the worker stopped in good order, if the database is there to be told.

    If it could not settle all its jobs, by a defect or an outage, it is lost rather than stopped.
    """
    try:
        if Job.objects.filter(worker=worker, status=Status.RUNNING).exists():
            log.warning("Stopped with unsettled jobs; rescued %d.", rescue(worker))
        else:
            Worker.objects.filter(pk=worker, lost_at=None).update(stopped_at=timezone.now(), is_sleeping=False)
    except OperationalError as error:
        log.warning("The database is away, so this worker will be taken for lost: %s", str(error).strip())
