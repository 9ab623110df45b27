"""What is true of a job without standing in its row: who has the places of its concurrency key, its timeout."""

from dataclasses import dataclass
from datetime import timedelta

from jobqueue.conf import conf
from jobqueue.models import Job
from jobqueue.registry import registry

MOST_HOLDERS = 5


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Facts that are not in the job's own row."""

    holders: list[Job]
    """Running jobs of its concurrency key, the first few; id, type and status only."""
    has_more_holders: bool
    timeout: timedelta
    """Of one attempt: its own, else that of its task type, else that of the settings."""


def facts(job: Job) -> Facts:
    """What is known now."""
    holders = _holders(job)
    return Facts(holders=holders[:MOST_HOLDERS], has_more_holders=len(holders) > MOST_HOLDERS, timeout=_timeout(job))


def _holders(job: Job) -> list[Job]:
    if job.concurrency_key is None:
        return []
    running = Job.objects.running().filter(concurrency_key=job.concurrency_key, worker__isnull=False).order_by()
    return list(running.only("id", "task_type", "status")[: MOST_HOLDERS + 1])


def _timeout(job: Job) -> timedelta:
    of_type = registry.get(job.task_type).timeout if job.task_type in registry else None
    return job.timeout or of_type or conf().DEFAULT_TIMEOUT
