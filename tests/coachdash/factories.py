"""Coaches, students and their mirrored accounts, invented."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import Group, User

from coachdash.models import CoachProfile, Competitor, Organization
from gameplatform.models import Account, AccountStats, FlashEvent, Solve, SyncState

NOW = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)


def coach(username: str, *, zone: str = "UTC") -> User:
    """A coach of a school of their own."""
    user = User.objects.create_user(username, first_name=username.capitalize())
    school = Organization.objects.create(name=f"{username}'s school", time_zone=zone)
    CoachProfile.objects.create(user=user, organization=school)
    return user


def member(username: str, group: str) -> User:
    """Somebody with a role who coaches nobody."""
    user = User.objects.create_user(username, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


def student(coach: User, name: str = "Ada Finch", **fields: Any) -> Competitor:
    """A student whom the platform does not know."""
    first, last = name.split()
    return Competitor.objects.create(
        coach=coach, first_name=first, last_name=last, **{"division": "high_school", **fields}
    )


def account(competitor: Competitor, status: str = "approved", **fields: Any) -> Account:
    """The student's account, linked and synced at NOW."""
    row = Account.objects.create(id=competitor.pk, coach=competitor.coach, status=status, link_state="linked", **fields)
    SyncState.objects.create(account=row, last_success_at=NOW)
    return row


def solve(
    account: Account, points: int, *, at: datetime = NOW, ctf: FlashEvent | None = None, title: str = ""
) -> Solve:
    """A solve at a time, with the sync state's note of it. Totals stay as they are: see `totals`."""
    nth = account.solves.count() + 1
    row = Solve.objects.create(
        account=account,
        source="flash_ctf" if ctf else "odl",
        event=ctf,
        remote_solve_id=nth,
        remote_challenge_id=nth,
        title=title or f"Challenge {nth}",
        domain="Web",
        points=points,
        solved_at=at,
    )
    SyncState.objects.filter(account=account).exclude(newest_solve_at__gt=at).update(newest_solve_at=at)
    return row


def totals(account: Account) -> AccountStats:
    """The account's totals, added up from its solves as the sweep does."""
    practice = list(account.solves.filter(source="odl"))
    ctf = list(account.solves.filter(source="flash_ctf"))
    practice_points, ctf_points = sum(row.points for row in practice), sum(row.points for row in ctf)
    return AccountStats.objects.create(
        account=account,
        odl_challenges=len(practice),
        odl_points=practice_points,
        ctf_challenges=len(ctf),
        ctf_points=ctf_points,
        total_points=practice_points + ctf_points,
        as_of=NOW,
    )


def playing(coach: User, name: str, *points: int, at: datetime = NOW) -> Account:
    """A student with an approved account who solved practice challenges worth these points."""
    row = account(student(coach, name), last_seen=at)
    for each in points:
        solve(row, each, at=at)
    totals(row)
    return row
