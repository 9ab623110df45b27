"""The newest solves of some students."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from coachdash.models import Competitor
from gameplatform.models import Solve

SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class RecentSolve:
    """One line of the list."""

    student: str
    title: str
    domain: str
    points: int
    is_ctf: bool
    solved_at: datetime


def recent_solves(competitors: QuerySet[Competitor]) -> Sequence[RecentSolve]:
    """The newest first. Costs two queries however many students and solves there are."""
    # The newest solves can only belong to those who solved something last: nobody else's need to be read.
    newest = (
        competitors.filter(account__sync_state__newest_solve_at__isnull=False)
        .order_by("-account__sync_state__newest_solve_at")
        .only("first_name", "last_name")[:SHOWN]
    )
    names = {competitor.pk: competitor.full_name for competitor in newest}
    solves = Solve.objects.filter(account__in=names).order_by("-solved_at", "-id")[:SHOWN]
    return [
        RecentSolve(
            student=names[solve.account_id],
            title=solve.title,
            domain=solve.domain,
            points=solve.points,
            is_ctf=solve.source == Solve.Source.FLASH_CTF,
            solved_at=solve.solved_at,
        )
        for solve in solves
    ]
