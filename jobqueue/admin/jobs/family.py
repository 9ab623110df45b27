"""The jobs beside a job: what it depends on, what depends on it, and what it enqueued."""

from dataclasses import dataclass

from jobqueue.admin.counts import Count, capped
from jobqueue.models import Job
from jobqueue.querysets import JobQuerySet

MOST_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Relatives:
    """One kind of relation."""

    name: str
    title: str
    jobs: list[Job]
    """The newest of them; id, task type and status only."""
    count: Count


def relatives(job: Job) -> list[Relatives]:
    """The kinds of which there are some."""
    kinds = [
        ("parents", "Depends on", Job.objects.parents_of(job.pk)),
        ("dependents", "Jobs that depend on it", Job.objects.dependents_of(job.pk)),
        ("children", "Child jobs", Job.objects.children_of(job.pk)),
    ]
    found = [_relatives(name, title, jobs) for name, title, jobs in kinds]
    return [kind for kind in found if kind.jobs]


def parent(job: Job) -> Job | None:
    """The job that enqueued it, if that is still there."""
    if job.parent_id is None:
        return None
    return Job.objects.only("id", "task_type", "status").filter(pk=job.parent_id).first()


def _relatives(name: str, title: str, jobs: JobQuerySet) -> Relatives:
    shown = list(jobs.only("id", "task_type", "status").order_by("-id")[:MOST_SHOWN])
    count = capped(jobs) if len(shown) == MOST_SHOWN else Count(number=len(shown))
    return Relatives(name=name, title=title, jobs=shown, count=count)
