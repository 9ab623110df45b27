"""Points at the end of every day: the line of the chart. They come from scheduled scoring, not from the sync."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from coachdash.models import Competitor
from coachdash.statistics.trend import DAYS

# A student's points are those of the newest score up to a day, so a day adds up what each student's scores changed
# on it. The first day carries what was scored before: with the newest score up to it, everybody starts there.
_CHANGES = """
SELECT change.day, sum(change.points)::bigint, max(change.as_of)
  FROM ({students}) AS student (id)
 CROSS JOIN LATERAL (
       SELECT greatest(point.day, %s) AS day, point.as_of,
              point.points - lag(point.points, 1, 0::bigint) OVER (ORDER BY point.day) AS points
         FROM gameplatform_scorepoint AS point
        WHERE point.account_id = student.id
          AND point.day >= coalesce(
              (SELECT max(earlier.day)
                 FROM gameplatform_scorepoint AS earlier
                WHERE earlier.account_id = student.id AND earlier.day <= %s), '-infinity')) AS change
 GROUP BY change.day
"""


@dataclass(frozen=True, kw_only=True)
class PointsDay:
    """What all students together had at the end of one day in UTC; None before anybody's first score."""

    date: date
    points: int | None


@dataclass(frozen=True, kw_only=True)
class PointsTrend:
    """The last `DAYS` days, oldest first, today last."""

    days: Sequence[PointsDay]
    as_of: datetime | None = None
    """When the newest score was taken: later solves are not in the line yet."""

    @property
    def scored(self) -> Sequence[tuple[date, int]]:
        """The days with points; none before the first scoring, then every day up to today."""
        return [(day.date, day.points) for day in self.days if day.points is not None]

    @property
    def latest(self) -> int:
        """Of `as_of`, and so far today's."""
        return self.scored[-1][1]

    @property
    def first_day(self) -> date:
        """Where the line begins."""
        return self.scored[0][0]

    @property
    def gained(self) -> int:
        """How many more today than at the line's beginning; fewer are below 0."""
        return self.latest - self.scored[0][1]

    @property
    def lost(self) -> int:
        """The same the other way round."""
        return -self.gained

    @property
    def lowest(self) -> int:
        """The line's lowest place."""
        return min(points for _, points in self.scored)

    @property
    def highest(self) -> int:
        """The line's highest place."""
        return max(points for _, points in self.scored)


def points_trend(competitors: QuerySet[Competitor]) -> PointsTrend:
    """How many points these students had day by day, in one query."""
    today = datetime.now(UTC).date()
    first = today - timedelta(days=DAYS - 1)
    changes = _changes(competitors, first)
    days, points = [], None
    for day in (first + timedelta(days=nth) for nth in range(DAYS)):
        if day in changes:
            points = (points or 0) + changes[day][0]
        days.append(PointsDay(date=day, points=points))
    return PointsTrend(days=days, as_of=max((as_of for _, as_of in changes.values()), default=None))


def _changes(competitors: QuerySet[Competitor], first: date) -> dict[date, tuple[int, datetime]]:
    students, parameters = competitors.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES.format(students=students), [*parameters, first, first])
        return {day: (points, as_of) for day, points, as_of in cursor.fetchall()}
