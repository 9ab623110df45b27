"""Following one job from the shell to its end."""

from uuid import UUID

from django.core.management.base import CommandError, OutputWrapper

from jobqueue.enqueuing import Enqueued
from jobqueue.management.command import FAILED
from jobqueue.models import Job
from jobqueue.states import Status
from jobqueue.waiting import Kind, why_waiting
from jobqueue.watching import wait_with_bar

_SOON = (Kind.NOT_WAITING, Kind.DUE, Kind.BEHIND_OTHERS)


def warn_of_waiting(id_: UUID | None, stderr: OutputWrapper) -> None:
    """Say what the job waits for, if that may take long."""
    job = Job.objects.filter(pk=id_).first() if id_ else None
    waiting = why_waiting(job) if job else None
    if waiting is not None and waiting.kind not in _SOON:
        stderr.write(waiting.sentence)


def follow(enqueued: Enqueued, stderr: OutputWrapper) -> Job:
    """Watch it until it has succeeded; says at first what it waits for if that may take long.

    Raises:
        CommandError: it ended otherwise, was deleted, or the user does not want to wait any longer.
    """
    try:
        warn_of_waiting(enqueued.id, stderr)
        job = wait_with_bar(enqueued.id)
    except Job.DoesNotExist:
        raise CommandError("The job was deleted before it ended.", returncode=FAILED) from None
    except KeyboardInterrupt:
        raise CommandError("No longer watching; the job goes on.", returncode=FAILED) from None
    if job.status != Status.SUCCEEDED:
        detail = f": {job.error_code} {job.error_message}" if job.error_code else ""
        raise CommandError(f"The job ended {job.get_status_display().lower()}{detail}", returncode=FAILED)
    return job
