"""The tiles: one row of sums over the same figures that the table shows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils import timezone

from coachdash.models import Competitor
from coachdash.statistics.counted import (
    CHALLENGES,
    COUNTED,
    CTF,
    CTF_CHALLENGES,
    LAST_ACTIVE,
    ON_PLATFORM,
    POINTS,
    PRACTICE,
    PRACTICE_CHALLENGES,
)

ACTIVE_WITHIN = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Sums over students; points and challenges are those of students on the platform."""

    students: int
    on_platform: int
    active: int
    challenges: int
    practice_challenges: int
    ctf_challenges: int
    points: int
    practice: int
    ctf: int
    failing: int
    as_of: datetime | None


def summary(competitors: QuerySet[Competitor]) -> Summary:
    """The sums over these students. `as_of`: when the platform last answered for any of them."""
    since = timezone.now() - ACTIVE_WITHIN
    row = competitors.alias(last_active=LAST_ACTIVE).aggregate(
        students=Count("pk"),
        on_platform=Count("pk", filter=ON_PLATFORM),
        active=Count("pk", filter=ON_PLATFORM & Q(last_active__gte=since)),
        challenges=Sum(CHALLENGES, filter=COUNTED, default=0),
        practice_challenges=Sum(PRACTICE_CHALLENGES, filter=COUNTED, default=0),
        ctf_challenges=Sum(CTF_CHALLENGES, filter=COUNTED, default=0),
        points=Sum(POINTS, filter=COUNTED, default=0),
        practice=Sum(PRACTICE, filter=COUNTED, default=0),
        ctf=Sum(CTF, filter=COUNTED, default=0),
        failing=Count("pk", filter=Q(account__sync_state__consecutive_failures__gt=0)),
        as_of=Max("account__sync_state__last_success_at"),
    )
    return Summary(**row)
