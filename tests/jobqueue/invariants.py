"""What must hold of the whole queue at any moment, whatever people, workers and the clock have done."""

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from jobqueue.models import Dependency, Job, Pause
from jobqueue.states import FINISHED, WAITING, OnFailure, Parked, Status

_BADLY = (Status.FAILED, Status.DEAD, Status.CANCELLED)


def every_row_is_possible() -> None:
    """No job is in a state that its own columns contradict."""
    for job in Job.objects.all():
        assert job.status in Status.values
        assert job.is_finished == (job.finished_at is not None) == (job.status in FINISHED)
        assert (job.status == Status.RUNNING) == (job.worker_id is not None)
        assert 0 <= job.attempts <= job.max_attempts
        assert job.status != Status.PENDING or job.cancel_requested_at is None
        assert job.status != Status.RETRYING or job.attempts > 0
        assert not job.parked or job.status in WAITING


def dependencies_agree_with_their_jobs() -> None:
    """Blockers are the unmet dependencies and the parking, and no dependency is unmet without reason."""
    unmet = dict(
        Dependency.objects.filter(is_met=False).values_list("job_id").annotate(number=Count("parent_id")).order_by()
    )
    for job in Job.objects.all():
        assert job.blockers == unmet.get(job.pk, 0) + bool(job.parked), job
    for edge in Dependency.objects.select_related("job", "parent"):
        ended_badly = edge.parent.status in _BADLY
        if not edge.is_met:
            assert edge.parent.status != Status.SUCCEEDED, edge
            assert not (ended_badly and edge.on_failure == OnFailure.RUN), edge
            assert not (ended_badly and edge.on_failure == OnFailure.CANCEL and edge.job.status in WAITING), edge


def nobody_waits_for_nothing() -> None:
    """After housekeeping nothing is parked whose reason has gone."""
    paused = set(Pause.objects.values_list("name", flat=True))
    for job in Job.objects.filter(parked=Parked.PAUSED):
        assert paused & {job.task_type, job.queue}, job
    for job in Job.objects.filter(parked=Parked.LIMITED):
        taken = Job.objects.running().filter(concurrency_key=job.concurrency_key).count()
        rivals = Job.objects.filter(status__in=WAITING, blockers=0, concurrency_key=job.concurrency_key).count()
        assert taken + rivals >= (job.concurrency_limit or 0), job


def claimable() -> QuerySet[Job]:
    """The jobs that a claim must find."""
    paused = list(Pause.objects.values_list("name", flat=True))
    due = Q(status__in=WAITING, blockers=0, run_at__lte=timezone.now())
    return Job.objects.filter(due).exclude(task_type__in=paused).exclude(queue__in=paused)
