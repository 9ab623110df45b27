"""Everything on the dashboard, read once."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from coachdash import access
from coachdash.statistics.points import PointsTrend, points_trend
from coachdash.statistics.recent import RecentSolve, recent_solves
from coachdash.statistics.sorting import Sort
from coachdash.statistics.students import StudentPage, student_page
from coachdash.statistics.summary import Summary, summary
from coachdash.statistics.syncing import Syncing, syncing
from coachdash.statistics.trend import Trend, trend


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """What one user sees of one coach, or of all."""

    summary: Summary
    students: StudentPage
    trend: Trend
    points: PointsTrend
    recent: Sequence[RecentSolve]
    syncing: Syncing | None


def dashboard(user: User, coach: User | None, sort: Sort, page: str) -> Dashboard:
    """What `user` may see of the students of `coach`; None: of every coach they may see."""
    competitors = access.competitors(user)
    if coach is not None:
        competitors = competitors.filter(coach=coach)
    return Dashboard(
        summary=summary(competitors),
        students=student_page(competitors, sort, page),
        trend=trend(competitors),
        points=points_trend(competitors),
        recent=recent_solves(competitors),
        syncing=syncing(user, coach),
    )
