"""Flash CTF events and results."""

from datetime import UTC, datetime

import pytest

from gameplatform.simulator.answers import FlashCtf
from gameplatform.simulator.flash import events
from gameplatform.simulator.platform import Platform
from gameplatform.simulator.world import World

from .caller import OPENED_AT

DAY = 86_400


@pytest.fixture
def platform() -> Platform:
    return Platform(World(), OPENED_AT)


def results(platform: Platform, now: int) -> dict[str, list[FlashCtf]]:
    accounts = platform.accounts.values()
    return {account.syned_user_id: platform.activity(account, now).flash for account in accounts}


def test_there_is_one_event_a_month_also_in_months_to_come() -> None:
    year_later = OPENED_AT + 365 * DAY

    starts = [datetime.fromtimestamp(event.start, UTC) for event in events(1, OPENED_AT, year_later)]
    months = [start.year * 12 + start.month for start in starts]
    assert months == list(range(months[0], months[0] + len(months)))
    assert len(months) >= 24


def test_a_name_comes_back_with_another_start() -> None:
    names = [event.name for event in events(1, OPENED_AT, OPENED_AT)]

    assert len(set(names)) < len(names)


def test_solve_ids_collide_between_events_and_with_practice(platform: Platform) -> None:
    colliding = 0
    for account in platform.accounts.values():
        activity = platform.activity(account, OPENED_AT)
        by_event = [{solve.challenge_solve_id for solve in one.challenge_solves} for one in activity.flash]
        practice = {solve.challenge_solve_id for solve in activity.practice}
        busy = [ids for ids in by_event if ids]
        if len(busy) >= 2:
            assert busy[0] & busy[1]
            assert busy[0] & practice
            colliding += 1
    assert colliding >= 10


def test_points_and_rank_belong_together(platform: Platform) -> None:
    found = [result for rows in results(platform, OPENED_AT).values() for result in rows]

    for result in found:
        solves = result.challenge_solves
        assert result.points_earned == sum(solve.challenge_points for solve in solves) <= result.max_points_possible
        assert result.challenges_solved == len(solves)
        assert result.rank >= 1
    assert any(result.challenges_solved == 0 for result in found)


def test_a_better_result_in_an_event_is_a_better_rank(platform: Platform) -> None:
    by_event: dict[int, list[FlashCtf]] = {}
    for rows in results(platform, OPENED_AT).values():
        for result in rows:
            by_event.setdefault(result.flash_ctf_time_start_unix, []).append(result)

    for rows in by_event.values():
        best_first = sorted(rows, key=lambda result: -result.points_earned)
        ranks = [result.rank for result in best_first]
        assert ranks == sorted(ranks)


def test_a_running_event_shows_only_what_is_solved_so_far(platform: Platform) -> None:
    event = next(one for one in events(1, OPENED_AT, OPENED_AT + 60 * DAY) if one.start > OPENED_AT)
    middle = event.start + 3600

    ended = results(platform, event.start + DAY)
    unfinished = 0
    for user, rows in results(platform, middle).items():
        seen = [solve for result in rows for solve in result.challenge_solves]
        final = [solve for result in ended[user] for solve in result.challenge_solves]
        assert seen == [solve for solve in final if solve.timestamp_unix <= middle]
        unfinished += len(final) > len(seen)
    assert unfinished
