"""Who this worker is, in the table of workers; fresh at every start."""

import logging
import os
import socket
from collections.abc import Sequence
from uuid import UUID

from django.db import OperationalError
from django.utils import timezone

from jobqueue.executor.process import machine, start_time
from jobqueue.models import Worker

log = logging.getLogger("jobqueue.worker")


def register(concurrency: int, queues: Sequence[str]) -> UUID:
    """Insert this process as a new worker; returns its id."""
    now = timezone.now()
    return Worker.objects.create(
        host=socket.gethostname(),
        machine=machine(),
        pid=os.getpid(),
        process_started=start_time(os.getpid()) or "",
        queues=list(queues),
        concurrency=concurrency,
        started_at=now,
        beat_at=now,
    ).pk


def deregister(worker: UUID) -> None:
    """Record that the worker stopped in good order, if the database is there to be told."""
    try:
        Worker.objects.filter(pk=worker, lost_at=None).update(stopped_at=timezone.now(), is_sleeping=False)
    except OperationalError as error:
        log.warning("The database is away, so this worker will be taken for lost: %s", str(error).strip())
