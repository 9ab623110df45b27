"""What stands beside a job: who has the places of its concurrency key, and how many wait for one."""

from dataclasses import dataclass

from jobqueue.models import Job

MOST_HOLDERS = 5


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Facts that are not in the job's own row."""

    holders: list[Job]
    """Running jobs of its concurrency key, the first few; id, type and status only."""
    has_more_holders: bool


def facts(job: Job) -> Facts:
    """What is known now."""
    if job.concurrency_key is None:
        return Facts(holders=[], has_more_holders=False)
    running = Job.objects.running().filter(concurrency_key=job.concurrency_key, worker__isnull=False).order_by()
    found = list(running.only("id", "task_type", "status")[: MOST_HOLDERS + 1])
    return Facts(holders=found[:MOST_HOLDERS], has_more_holders=len(found) > MOST_HOLDERS)
