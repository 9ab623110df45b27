"""Counts that stop counting: a list over a million rows must not read them all to say how many there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from jobqueue.models import Job
from jobqueue.planner import by_index
from jobqueue.states import WAITING, Status

CAP = 10_000
_BADGE_CAP = 99

# Each state by the index `job_by_status`, up to the cap.
_BY_STATUS = " UNION ALL ".join(
    f"SELECT '{status}', count(*) FROM "  # noqa: S608  constants only
    f"(SELECT FROM jobqueue_job WHERE status = '{status}' LIMIT {CAP + 1}) AS {status}"
    for status in Status.values
)


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many, up to a cap."""

    number: int
    is_capped: bool = False

    @classmethod
    def upto(cls, cap: int, counted: int) -> "Count":
        """The count of something that was counted to one past the cap."""
        return cls(number=min(counted, cap), is_capped=counted > cap)

    def __add__(self, other: "Count") -> "Count":
        return Count(number=self.number + other.number, is_capped=self.is_capped or other.is_capped)

    def __bool__(self) -> bool:
        return self.number > 0

    def __str__(self) -> str:
        if not self.is_capped:
            return f"{self.number:,}"
        return f"{self.number // 1000}k+" if self.number >= 1000 else f"{self.number}+"


def capped(queryset: QuerySet[Any], cap: int = CAP) -> Count:
    """Count rows, but no more than one past the cap."""
    return Count.upto(cap, queryset.order_by().values("pk")[: cap + 1].count())


def by_status() -> Mapping[str, Count]:
    """How many jobs are in each state."""
    with by_index() as cursor:
        cursor.execute(_BY_STATUS)
        return {status: Count.upto(CAP, counted) for status, counted in cursor.fetchall()}


def total(counts: Mapping[str, Count]) -> Count:
    """How many jobs there are."""
    return sum(counts.values(), start=Count(number=0))


def waiting(counts: Mapping[str, Count]) -> Count:
    """How many jobs wait, due or not."""
    return sum((counts[status] for status in WAITING), start=Count(number=0))


def failed_badge(request: HttpRequest) -> str | None:
    """For the navigation: how many jobs need a person, or nothing."""
    with by_index():
        count = capped(Job.objects.filter(status__in=(Status.FAILED, Status.DEAD)), _BADGE_CAP)
    return str(count) if count else None
