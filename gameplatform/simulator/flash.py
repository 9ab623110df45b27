"""The monthly flash CTF events and one account's results in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from random import Random

from gameplatform.simulator.account import Account
from gameplatform.simulator.answers import ChallengeSolve, FlashCtf
from gameplatform.simulator.catalogue import Challenge, draw_challenge
from gameplatform.simulator.domains import DOMAINS
from gameplatform.simulator.draw import generator, number
from gameplatform.simulator.habits import Habit
from gameplatform.simulator.practice import SOLVE_IDS, as_solve

MONTHS_BEFORE = 12
LASTS = 3 * 3600
_THEMES = ("Lost Signals", "Night Shift", "Paper Trail", "Deep Freeze", "Open Ports", "Old Secrets")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashEvent:
    """One event; a name comes back every six months, only name and start together identify it."""

    name: str
    start: int
    challenges: tuple[Challenge, ...]
    max_points: int
    field: int


def events(seed: int, opened_at: int, now: int) -> Iterator[FlashEvent]:
    """One event a month, from a year before the opening to `now` (unix seconds), oldest first."""
    opening = datetime.fromtimestamp(opened_at, UTC)
    month = opening.year * 12 + opening.month - 1 - MONTHS_BEFORE
    while (event := _event(seed, month)).start <= now:
        yield event
        month += 1


@lru_cache(maxsize=256)
def _event(seed: int, month: int) -> FlashEvent:
    year, place = divmod(month, 12)
    start = datetime(year, place + 1, 8 + number(seed, "flash", month) % 14, 17, tzinfo=UTC)
    size = 9 + number(seed, "size", month) % 6
    challenges = tuple(
        draw_challenge((seed, "flash", month), 50_000 + month % 1000 * 20 + nth, nth % len(DOMAINS))
        for nth in range(size)
    )
    return FlashEvent(
        name=f"Flash CTF: {_THEMES[month % len(_THEMES)]}",
        start=int(start.timestamp()),
        challenges=challenges,
        max_points=sum(challenge.points for challenge in challenges),
        field=400 + number(seed, "field", month) % 800,
    )


def flash_results(seed: int, account: Account, opened_at: int, now: int) -> list[FlashCtf]:
    """Every event the account took part in up to `now`; taking part and solving nothing happens."""
    habit = account.habit
    if habit is None or not habit.flash_chance:
        return []
    rng = generator(seed, account.syned_user_id, "flash")
    skill = rng.uniform(0.15, 0.95)
    results = []
    for event in events(seed, opened_at, now):
        draws = Random(rng.random())  # noqa: S311  one stream an event: a running one must not disturb the next
        if draws.random() < habit.flash_chance and _present(account, habit, event.start):
            results.append(_result(event, account, skill, draws, now))
    return results


def _present(account: Account, habit: Habit, moment: int) -> bool:
    return account.joined_at <= moment and (habit.live_period > 0 or moment <= account.history_until)


def _result(event: FlashEvent, account: Account, skill: float, draws: Random, now: int) -> FlashCtf:
    solves = list(_solves(event, account, skill, draws, now))
    points = sum(solve.challenge_points for solve in solves)
    missed = 1 - points / event.max_points
    return FlashCtf(
        flash_ctf_name=event.name,
        flash_ctf_time_start_unix=event.start,
        challenges_solved=len(solves),
        challenge_solves=solves,
        points_earned=points,
        max_points_possible=event.max_points,
        rank=1 + int(missed**1.5 * event.field),
    )


def _solves(event: FlashEvent, account: Account, skill: float, draws: Random, now: int) -> Iterator[ChallengeSolve]:
    # Ids start anew in every event, where the practice ids of the account start: they collide on purpose.
    solve_id = account.metactf_user_id * SOLVE_IDS
    moment = event.start
    for challenge in event.challenges:
        chance = skill * (1.1 - challenge.points / 1000)
        moment += draws.randrange(60, LASTS // len(event.challenges))
        if draws.random() < chance and moment <= now:
            solve_id += 1
            yield as_solve(solve_id, challenge, moment)
