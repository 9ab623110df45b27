"""What this project adds to the admin's dashboard: how fresh each coach's data is, and the platform that it is from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Min, Q
from django.urls import reverse
from django.utils import timezone

from gameplatform.dashboard import PLATFORM, relative
from gameplatform.models import Account
from jobqueue.api import DashboardPart, Level, Reading, Signal

_MOST_COACHES = 8
_STALE = timedelta(hours=2)
"""Nothing new for anybody for so long is worth a look: what is due is asked for every few minutes."""


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """How old the data of one coach's students is."""

    name: str
    students: int
    newest: datetime | None
    """When any of them was synced last; None for never."""
    oldest: datetime | None
    never: int
    """How many of them were never synced."""
    failing: int

    @property
    def is_stale(self) -> bool:
        """Whether nothing is new enough."""
        return self.newest is None or self.newest < timezone.now() - _STALE


def read_freshness() -> Reading:
    """The coaches whose students were synced longest ago."""
    coaches = _coaches()
    context = {"coaches": coaches[:_MOST_COACHES], "more": max(len(coaches) - _MOST_COACHES, 0)}
    return Reading(context=context, signals=[_signal(coaches)])


def _coaches() -> Sequence[Freshness]:
    """By one query over the accounts."""
    synced = "sync_state__last_success_at"
    rows = (
        Account.objects.filter(kind=Account.Kind.COMPETITOR, coach__isnull=False)
        .order_by()
        .values_list("coach_id", "coach__first_name", "coach__last_name", "coach__username")
        .annotate(
            students=Count("pk"),
            newest=Max(synced),
            oldest=Min(synced),
            never=Count("pk", filter=Q(sync_state__last_success_at=None)),
            failing=Count("pk", filter=Q(sync_state__consecutive_failures__gt=0)),
        )
        .order_by(F("newest").asc(nulls_first=True), "coach_id")
    )
    return [
        Freshness(
            name=f"{first} {last}".strip() or username,
            students=students, newest=newest, oldest=oldest, never=never, failing=failing,
        )
        for _, first, last, username, students, newest, oldest, never, failing in rows
    ]  # fmt: skip


def _signal(coaches: Sequence[Freshness]) -> Signal:
    newest = max((coach.newest for coach in coaches if coach.newest), default=None)
    if not coaches:
        return Signal(label="Data", level=Level.HEALTHY, message="No student has an account to sync yet.")
    if newest is None:
        return Signal(label="Data", level=Level.WARNING, message="No student was ever synced.")
    stale = sum(coach.is_stale for coach in coaches)
    told = f"; {stale:,} of {len(coaches):,} coaches have nothing newer than 2 hours" if stale else ""
    url = reverse("admin:gameplatform_account_changelist")
    message = f"The newest came {relative(newest, timezone.now())}{told}."
    return Signal(label="Data", level=Level.WARNING if stale else Level.HEALTHY, message=message, url=url)


PARTS = [
    DashboardPart(
        title="Sync freshness", template="coachdash/admin/_freshness.html", read=read_freshness,
        permission="auth.view_user",
    ),
    PLATFORM,
]  # fmt: skip
"""For JOB_QUEUE["DASHBOARD"]."""
