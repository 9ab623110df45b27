"""Solves per day: the bars of the chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from coachdash.models import Competitor
from gameplatform.models import Solve

DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Day:
    """The solves of one day in the reader's time zone."""

    date: date
    practice: int
    ctf: int

    @property
    def solves(self) -> int:
        """Of both kinds."""
        return self.practice + self.ctf


@dataclass(frozen=True, kw_only=True)
class Trend:
    """The last `DAYS` days, oldest first, today last."""

    days: Sequence[Day]

    @property
    def solves(self) -> int:
        """On all days together."""
        return sum(day.solves for day in self.days)

    @property
    def best(self) -> Day:
        """The day with the most solves."""
        return max(self.days, key=lambda day: day.solves)


def trend(competitors: QuerySet[Competitor]) -> Trend:
    """How many challenges these students solved day by day."""
    first = timezone.localdate() - timedelta(days=DAYS - 1)
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = (
        Solve.objects.filter(account__in=competitors.values("pk"))
        .filter(solved_at__gte=midnight - timedelta(days=DAYS - 1))
        .values(day=TruncDate("solved_at"))
        .annotate(solves=Count("pk"), ctf=Count("pk", filter=Q(source=Solve.Source.FLASH_CTF)))
        .order_by()
    )
    counts = {row["day"]: (row["solves"], row["ctf"]) for row in rows}
    return Trend(days=[_day(first + timedelta(days=nth), counts) for nth in range(DAYS)])


def _day(when: date, counts: dict[date, tuple[int, int]]) -> Day:
    solves, ctf = counts.get(when, (0, 0))
    return Day(date=when, practice=solves - ctf, ctf=ctf)
