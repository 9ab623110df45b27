"""The practice solves of one account: a pure function of seed, account and time that grows at its end."""

from collections.abc import Iterator

from gameplatform.simulator.account import Account
from gameplatform.simulator.answers import ChallengeSolve
from gameplatform.simulator.catalogue import Challenge
from gameplatform.simulator.draw import generator
from gameplatform.simulator.habits import DAY, Habit
from gameplatform.simulator.world import World

SOLVE_IDS = 1_000  # room for the solve ids of one account


def practice_solves(world: World, account: Account, now: int) -> list[ChallengeSolve]:
    """What the account has solved up to `now` (unix seconds), oldest first, each challenge once."""
    order = world.catalogue.order_for(account.syned_user_id)
    moments = solve_times(world.seed, account, now)
    first_id = account.metactf_user_id * SOLVE_IDS + 1
    return [as_solve(first_id + nth, ch, at) for nth, (at, ch) in enumerate(zip(moments, order, strict=False))]


def as_solve(solve_id: int, challenge: Challenge, moment: int) -> ChallengeSolve:
    """The solve of a challenge at a moment, as the API shows it."""
    return ChallengeSolve(
        solve_id,
        challenge.challenge_id,
        challenge.title,
        challenge.points,
        challenge.category,
        moment,
        challenge.retired,
        challenge.work_roles,
    )


def solve_times(seed: int, account: Account, now: int) -> Iterator[int]:
    """When the account solves something, strictly increasing, up to and including `now`."""
    habit = account.habit
    if habit is None or not habit.logs_in:
        return
    rng = generator(seed, account.syned_user_id, "practice")
    until = min(now, account.history_until)
    moment = account.joined_at
    while True:
        moment += rng.randrange(300, 2400) if rng.random() < 0.6 else int(rng.expovariate(1 / habit.gap_days) * DAY) + 1
        if moment > until:
            break
        yield moment
    if habit.live_period and now > account.live_from:
        yield from _live_times(seed, account, habit, now)


def _live_times(seed: int, account: Account, habit: Habit, now: int) -> Iterator[int]:
    # Evenly spaced with a jitter, and out of step with the other accounts: the world is never quiet for long.
    rng = generator(seed, account.syned_user_id, "live")
    due = account.live_from + account.live_phase * habit.live_period
    while (moment := int(due + (rng.random() - 0.5) * habit.live_period / 20)) <= now:
        if moment > account.live_from:
            yield moment
        due += habit.live_period
