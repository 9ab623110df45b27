"""Compares the mirror with what the simulator says it holds."""

from collections.abc import Sequence
from dataclasses import dataclass

import requests
from django.db.models import Sum

from coachdash.demo.options import Options
from gameplatform.models import Account, AccountStats, EventResult, Solve


@dataclass(frozen=True, kw_only=True)
class Line:
    """One figure here and there."""

    what: str
    mirrored: int
    truth: int

    def __str__(self) -> str:
        sign, mark = ("=", "✓") if self.mirrored == self.truth else ("≠", "✗")
        return f"{self.what} {self.mirrored:,} {sign} {self.truth:,} {mark}"


def compare(options: Options) -> Sequence[Line]:
    """The figures of every student whom the simulator knows, now; fair while its clock stands still."""
    state = requests.get(f"{options.simulator}/__admin/state", timeout=30).json()
    ids = [key for key, user in state["users"].items() if user["role"] == "user"]
    totals = state["totals"]
    solves = Solve.objects.filter(account__in=ids)
    points = AccountStats.objects.filter(account__in=ids).aggregate(sum=Sum("total_points", default=0))["sum"]
    linked = Account.objects.filter(pk__in=ids, link_state=Account.LinkState.LINKED)
    return [
        Line(what="accounts", mirrored=linked.count(), truth=totals["role_user"]),
        Line(
            what="practice solves",
            mirrored=solves.filter(source=Solve.Source.ODL).count(),
            truth=totals["odl_solves"],
        ),
        Line(
            what="CTF results",
            mirrored=EventResult.objects.filter(account__in=ids).count(),
            truth=totals["flash_events"],
        ),
        Line(
            what="CTF solves",
            mirrored=solves.filter(source=Solve.Source.FLASH_CTF).count(),
            truth=totals["flash_solves"],
        ),
        Line(what="points", mirrored=points, truth=totals["odl_points"] + totals["flash_points"]),
    ]
