"""Reading groups of errors: which there are, which jobs are in them, and how many of those still need somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from jobqueue.models import Failure, Job
from jobqueue.querysets import JobQuerySet

MOST_READ = 10_000

# Of each group the newest jobs by index, whatever became of them since. The second condition says what the partial
# index needs to know even where the first one's value is not known yet.
_UNRESOLVED = """
SELECT asked.fingerprint, count(*) FILTER (WHERE job.status IN ('failed', 'dead', 'retrying')),
       count(*) FILTER (WHERE job.status = 'retrying'), count(job.status)
FROM unnest(%(fingerprints)s::text[]) AS asked (fingerprint)
LEFT JOIN LATERAL (
    SELECT status FROM jobqueue_job
    WHERE fingerprint = asked.fingerprint AND fingerprint <> ''
    ORDER BY id DESC LIMIT %(limit)s
) AS job ON TRUE
GROUP BY asked.fingerprint
"""


@dataclass(frozen=True, kw_only=True)
class Unresolved:
    """How many jobs of a group are retrying, failed or dead now."""

    number: int
    retrying: int
    """Of them: those that will be tried again by themselves."""
    is_capped: bool
    """The group is so large that only its newest jobs were looked at."""

    @property
    def given_up(self) -> int:
        """Of them: those that nobody will try again unless somebody asks for it."""
        return self.number - self.retrying


def newest(*, task_type: str | None = None, since: datetime | None = None) -> QuerySet[Failure]:
    """The groups, the one that failed last first.

    Args:
        since: only those that have failed since then.
    """
    failures = Failure.objects.order_by("-last_seen_at")
    if task_type is not None:
        failures = failures.filter(task_type=task_type)
    return failures if since is None else failures.filter(last_seen_at__gte=since)


def jobs(failure: Failure) -> JobQuerySet:
    """The jobs whose latest error is of this group, the newest first."""
    return Job.objects.filter(fingerprint=failure.fingerprint).exclude(fingerprint="").order_by("-id")


def unresolved(failure: Failure) -> Unresolved:
    """How many jobs of the group need another attempt or somebody's care."""
    return unresolved_of([failure])[failure.fingerprint]


def unresolved_of(failures: Sequence[Failure]) -> dict[str, Unresolved]:
    """The same for a page of groups by one statement; the key is the fingerprint, which no two task types share."""
    fingerprints = [failure.fingerprint for failure in failures]
    with connection.cursor() as cursor:
        cursor.execute(_UNRESOLVED, {"fingerprints": fingerprints, "limit": MOST_READ + 1})
        return {
            fingerprint: Unresolved(number=min(number, MOST_READ), retrying=retrying, is_capped=read > MOST_READ)
            for fingerprint, number, retrying, read in cursor.fetchall()
        }
