"""Workers as rows of a table: what each is doing, what it runs now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from jobqueue.conf import conf
from jobqueue.durations import say_duration
from jobqueue.models import Job, Worker

_MOST_ALIVE = 12


@dataclass(frozen=True, kw_only=True)
class WorkerState:
    """What a worker is doing, with the colour that the job states give it."""

    label: str
    colour: str


def state_of(worker: Worker) -> WorkerState:
    """From its marks and its last beat."""
    silence = timezone.now() - worker.beat_at
    if worker.stopped_at:
        return WorkerState(label="Stopped", colour="cancelled")
    if worker.lost_at:
        return WorkerState(label="Lost", colour="dead")
    if silence > timedelta(seconds=conf().LOST_AFTER_SECONDS):
        return WorkerState(label=f"No beat for {say_duration(silence)}", colour="failed")
    # Its claiming sleeps while there is nothing to claim, whatever its slots are busy with.
    if worker.is_sleeping and not getattr(worker, "running", 0):
        return WorkerState(label="Sleeping", colour="pending")
    return WorkerState(label="Running", colour="succeeded")


def with_running() -> QuerySet[Worker]:
    """All workers with the number of jobs that each runs now, as `running`."""
    mine = Job.objects.running().filter(worker=OuterRef("pk")).order_by().values("worker")
    running = Subquery(mine.annotate(number=Count("pk")).values("number"), output_field=IntegerField())
    return Worker.objects.annotate(running=Coalesce(running, 0)).order_by("-started_at")


def alive() -> Sequence[tuple[Worker, WorkerState]]:
    """The workers that should be at work, and those lost in the last hour."""
    lately = timezone.now() - timedelta(hours=1)
    wanted = with_running().filter(Q(stopped_at=None, lost_at=None) | Q(lost_at__gt=lately))
    return [(worker, state_of(worker)) for worker in wanted[:_MOST_ALIVE]]
