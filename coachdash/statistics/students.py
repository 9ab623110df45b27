"""The rows of the student table, sorted and paged by the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, OuterRef, QuerySet, Subquery

from coachdash.models import Competitor
from coachdash.statistics.counted import AS_OF, CHALLENGES, CTF, LAST_ACTIVE, POINTS, PRACTICE, counted
from coachdash.statistics.platform_state import RANK, PlatformState, platform_state
from coachdash.statistics.sorting import Sort
from gameplatform.models import Solve

PAGE_SIZE = 100


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a student has reached, in challenges and in the platform's points, as computed at `as_of`."""

    challenges: int
    practice: int
    ctf: int
    points: int
    as_of: datetime


@dataclass(frozen=True, kw_only=True)
class Student:
    """One row. `figures` None: not on the platform, not approved, or not synced yet; never shown as 0."""

    name: str
    coach: str
    team: str
    division: str
    platform: PlatformState
    figures: Figures | None
    last_active: datetime | None
    last_solve: str
    last_solve_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class StudentPage:
    """The rows of page `number` of `pages`, out of `total` students."""

    rows: Sequence[Student]
    number: int
    pages: int
    total: int

    @property
    def previous(self) -> int:
        """The number before; 0 on the first page."""
        return self.number - 1

    @property
    def next(self) -> int:
        """The number after, whether or not there is such a page."""
        return self.number + 1


def student_page(competitors: QuerySet[Competitor], sort: Sort, number: str) -> StudentPage:
    """One page of rows; `number` as it stands in the address, the nearest page if there is no such one."""
    solves = Solve.objects.filter(account=OuterRef("pk")).order_by("-solved_at")
    annotated = competitors.select_related("coach", "team", "account").annotate(
        state_rank=RANK,
        challenges=counted(CHALLENGES),
        practice=counted(PRACTICE),
        ctf=counted(CTF),
        points=counted(POINTS),
        as_of=AS_OF,
        last_active=LAST_ACTIVE,
        last_solve_at=F("account__sync_state__newest_solve_at"),
        last_solve=Subquery(solves.values("title")[:1]),
        failures=F("account__sync_state__consecutive_failures"),
    )
    page = Paginator(annotated.order_by(*sort.order()), PAGE_SIZE).get_page(number)
    return StudentPage(
        rows=[_student(row) for row in page],
        number=page.number,
        pages=page.paginator.num_pages,
        total=page.paginator.count,
    )


def _student(row: Any) -> Student:
    return Student(
        name=row.full_name,
        coach=row.coach.get_full_name() or row.coach.username,
        team=row.team.name if row.team else "",
        division=row.get_division_display(),
        platform=platform_state(row.account, failures=row.failures or 0),
        figures=_figures(row),
        last_active=row.last_active,
        last_solve=row.last_solve or "",
        last_solve_at=row.last_solve_at,
    )


def _figures(row: Any) -> Figures | None:
    if row.points is None:
        return None
    return Figures(challenges=row.challenges, practice=row.practice, ctf=row.ctf, points=row.points, as_of=row.as_of)
