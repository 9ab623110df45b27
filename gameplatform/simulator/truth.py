"""The truth at one instant, to compare a mirror with: figures of every account and their sums."""

import asyncio
from collections import Counter

from msgspec import Struct

from gameplatform.simulator.account import Account
from gameplatform.simulator.people import Role, Status
from gameplatform.simulator.platform import Platform

_PAUSE_EVERY = 20  # accounts; other calls are answered in between


class AccountTruth(Struct, frozen=True, kw_only=True):
    """One account; the figures are what the score endpoints show, so zero unless it is approved."""

    metactf_user_id: int
    role: Role
    status: Status
    syned_team_id: str | None
    last_login_unix_timestamp: int | None
    newest_solve_unix: int | None
    odl_challenges_solved: int
    odl_solves: int
    odl_points: int
    flash_events: int
    flash_solves: int
    flash_points: int


SUMMED = ("odl_challenges_solved", "odl_solves", "odl_points", "flash_events", "flash_solves", "flash_points")


class Truth(Struct, frozen=True, kw_only=True):
    """`totals` are sums over `users` and counts; `users` (by syned_user_id) is left out of a summary."""

    totals: dict[str, int]
    users: dict[str, AccountTruth] | None


async def truth(platform: Platform, now: int, *, summary: bool) -> Truth:
    """The truth at `now` (unix seconds) of the platform as it is at the call."""
    picture = platform.copy()
    totals: Counter[str] = Counter(dict.fromkeys(SUMMED, 0))
    users: dict[str, AccountTruth] = {}
    for count, account in enumerate(picture.accounts.values(), start=1):
        row = account_truth(picture, account, now)
        totals.update({name: getattr(row, name) for name in SUMMED})
        totals.update(("accounts", f"role_{row.role}", f"status_{row.status}"))
        if not summary:
            users[account.syned_user_id] = row
        if count % _PAUSE_EVERY == 0:
            await asyncio.sleep(0)
    totals["competitors"], totals["coaches"] = picture.world.size
    totals["teams"], totals["assignments"] = len(picture.teams), len(picture.assignments)
    return Truth(totals=dict(totals), users=None if summary else users)


def account_truth(platform: Platform, account: Account, now: int) -> AccountTruth:
    """The figures of one account at `now`."""
    activity = platform.activity(account, now)
    practice, flash = activity.practice, activity.flash
    return AccountTruth(
        metactf_user_id=account.metactf_user_id,
        role=account.role,
        status=account.status(now),
        syned_team_id=platform.assignments.get(account.syned_user_id),
        last_login_unix_timestamp=activity.last_login,
        newest_solve_unix=activity.newest,
        odl_challenges_solved=len({solve.challenge_id for solve in practice}),
        odl_solves=len(practice),
        odl_points=sum(solve.challenge_points for solve in practice),
        flash_events=len(flash),
        flash_solves=sum(event.challenges_solved for event in flash),
        flash_points=sum(event.points_earned for event in flash),
    )
