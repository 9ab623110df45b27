"""What each collector asks of the platform, and what it makes of the answer: the `data` of a snapshot.

Counts and sums are of everything; limits bound only what is listed. No names and no addresses are kept.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gameplatform.categories import domain_of
from gameplatform.models import Snapshot
from gameplatform.providers.interface import Provider
from gameplatform.providers.records import AccountRef, PlatformSolve


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many solves and events a snapshot lists, the newest first."""

    solves: int
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one call found: how many things, and the snapshot's data."""

    items: int
    data: Mapping[str, Any]


type Collect = Callable[[Provider, AccountRef, Limits], Found]


def collect_solves(provider: Provider, account: AccountRef, limits: Limits) -> Found:
    """Practice: {challenges, points, domains: {domain: points}, latest: [{title, domain, points, solvedAt}]}."""
    practice = provider.practice(account, None)
    solves, totals = practice.solves, practice.totals
    points: Counter[str] = Counter()
    for solve in solves:
        points[domain_of(solve.category)] += solve.points
    newest = sorted(solves, key=lambda solve: (solve.solved_at, solve.solve_id), reverse=True)
    data = {
        "challenges": totals.challenges if totals else len(solves),
        "points": totals.points if totals else points.total(),
        "domains": dict(sorted(points.items())),
        "latest": [_listed(solve) for solve in newest[: limits.solves]],
    }
    return Found(items=len(solves), data=data)


def collect_events(provider: Provider, account: AccountRef, limits: Limits) -> Found:
    """Events: {events, challenges, points, latest: [{name, startsAt, rank, points, maxPoints, solved}]}."""
    events = provider.events(account)
    newest = sorted(events, key=lambda event: (event.starts_at, event.name), reverse=True)
    data = {
        "events": len(events),
        "challenges": sum(event.challenges_solved for event in events),
        "points": sum(event.points for event in events),
        "latest": [
            {
                "name": event.name,
                "startsAt": event.starts_at.isoformat(),
                "rank": event.rank,
                "points": event.points,
                "maxPoints": event.max_points,
                "solved": event.challenges_solved,
            }
            for event in newest[: limits.events]
        ],
    }
    return Found(items=len(events), data=data)


def collect_profile(provider: Provider, account: AccountRef, _limits: Limits) -> Found:
    """The account itself: {status, lastLogin}."""
    profile = provider.profile(account)
    last_login = profile.last_login and profile.last_login.isoformat()
    return Found(items=1, data={"status": profile.status, "lastLogin": last_login})


def found_team(assignments: Mapping[str, str | None], account: AccountRef) -> Found:
    """The team: {team}, null for none; from one answer about everybody."""
    key = str(account.id)
    return Found(items=int(key in assignments), data={"team": assignments.get(key)})


def _listed(solve: PlatformSolve) -> dict[str, Any]:
    return {
        "title": solve.title,
        "domain": domain_of(solve.category),
        "points": solve.points,
        "solvedAt": solve.solved_at.isoformat(),
    }


BY_ACCOUNT: Mapping[Snapshot.Collector, Collect] = {
    Snapshot.Collector.SOLVES: collect_solves,
    Snapshot.Collector.EVENTS: collect_events,
    Snapshot.Collector.PROFILES: collect_profile,
}
"""Those that make a call for each account."""
