"""Everything one account has done up to a moment, both sources together."""

from collections import Counter
from dataclasses import dataclass

from gameplatform.simulator.account import Account
from gameplatform.simulator.answers import ChallengeSolve, FlashCtf
from gameplatform.simulator.draw import number
from gameplatform.simulator.flash import flash_results
from gameplatform.simulator.habits import DAY, STUCK
from gameplatform.simulator.practice import practice_solves
from gameplatform.simulator.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """`practice` is oldest first; `last_login` is unix seconds, None for somebody who never came."""

    practice: list[ChallengeSolve]
    flash: list[FlashCtf]
    last_login: int | None

    @property
    def newest(self) -> int | None:
        """When the newest solve of either source happened."""
        return _newest(self.practice, self.flash)

    @property
    def last_accessed(self) -> int:
        """The latest sign of life, 0 for none."""
        return max(self.newest or 0, self.last_login or 0)


def activity_of(
    world: World, account: Account, opened_at: int, now: int, added: tuple[ChallengeSolve, ...]
) -> Activity:
    """What an approved account has done up to `now`; any other has at most logged in."""
    if not account.approved(now):
        return Activity(practice=[], flash=[], last_login=_waiting_login(account, now))
    practice = practice_solves(world, account, now)
    if added:
        practice += [solve for solve in added if solve.timestamp_unix <= now]
        practice.sort(key=lambda solve: solve.timestamp_unix)
    flash = flash_results(world.seed, account, opened_at, now)
    return Activity(practice=practice, flash=flash, last_login=_login(account, opened_at, _newest(practice, flash)))


def category_points(solves: list[ChallengeSolve]) -> dict[str, int]:
    """Points by category as spelled in the solves."""
    points: Counter[str] = Counter()
    for solve in solves:
        points[solve.challenge_category] += solve.challenge_points
    return dict(points)


def _newest(practice: list[ChallengeSolve], flash: list[FlashCtf]) -> int | None:
    last = [practice[-1].timestamp_unix] if practice else []
    last += [result.challenge_solves[-1].timestamp_unix for result in flash if result.challenge_solves]
    return max(last, default=None)


def _login(account: Account, opened_at: int, newest: int | None) -> int | None:
    seen = [] if newest is None else [newest - number(account.syned_user_id, newest) % 1200]
    if account.habit is STUCK:
        seen.append(opened_at - number(account.syned_user_id, "visit") % (3 * DAY))
    return max(seen, default=None)


def _waiting_login(account: Account, now: int) -> int | None:
    return (
        account.joined_at + 600 if account.status(now) == "pending_approval" and account.joined_at + 600 < now else None
    )
