"""The stream of practice solves: fixed in the past, growing at its end, untidy like the real one."""

import pytest

from gameplatform.simulator.answers import ChallengeSolve
from gameplatform.simulator.platform import Platform
from gameplatform.simulator.world import World

from .caller import OPENED_AT

DAY = 86_400


def streams(platform: Platform, now: int) -> dict[str, list[ChallengeSolve]]:
    accounts = platform.accounts.values()
    return {account.syned_user_id: platform.activity(account, now).practice for account in accounts}


@pytest.fixture
def platform() -> Platform:
    return Platform(World(), OPENED_AT)


def test_the_past_never_changes_as_the_clock_runs(platform: Platform) -> None:
    later = streams(platform, OPENED_AT + DAY)

    for moment in (OPENED_AT - 40 * DAY, OPENED_AT, OPENED_AT + 1, OPENED_AT + 3600):
        for user, solves in streams(platform, moment).items():
            assert solves == [solve for solve in later[user] if solve.timestamp_unix <= moment]


def test_solves_of_an_account_come_in_strictly_increasing_time(platform: Platform) -> None:
    for solves in streams(platform, OPENED_AT + DAY).values():
        moments = [solve.timestamp_unix for solve in solves]
        assert moments == sorted(set(moments))


def test_nobody_solves_a_challenge_twice_even_after_solving_all(platform: Platform) -> None:
    counts = set()
    for solves in streams(platform, OPENED_AT + 3 * DAY).values():
        assert len({solve.challenge_id for solve in solves}) == len(solves)
        counts.add(len(solves))
    assert max(counts) == 9 * 61


def test_two_platforms_of_one_seed_have_the_same_solves() -> None:
    first, second = Platform(World(), OPENED_AT), Platform(World(), OPENED_AT)

    assert streams(first, OPENED_AT + 900) == streams(second, OPENED_AT + 900)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_half_minute_of_the_demo_world_is_without_a_new_solve(seed: int) -> None:
    moments = [
        solve.timestamp_unix - OPENED_AT
        for solves in streams(Platform(World(seed), OPENED_AT), OPENED_AT + 3600).values()
        for solve in solves
        if solve.timestamp_unix > OPENED_AT
    ]

    found = [sum(start < moment <= start + 30 for moment in moments) for start in range(3570)]
    assert min(found) >= 1
    assert sum(found) / len(found) >= 4


def test_the_world_has_people_who_went_quiet_and_people_who_never_came(platform: Platform) -> None:
    active = [platform.activity(one, OPENED_AT) for one in platform.accounts.values() if one.role == "user"]

    last_seen = [one.newest for one in active if one.newest is not None]
    assert min(last_seen) < OPENED_AT - 14 * DAY
    assert max(last_seen) > OPENED_AT - 2 * DAY
    assert any(one.last_login is None for one in active)


def test_categories_come_in_every_dirty_spelling(platform: Platform) -> None:
    spellings = {solve.challenge_category for solves in streams(platform, OPENED_AT + DAY).values() for solve in solves}

    assert spellings >= {"crypto", "foren", "reven", "binexp", "os", "misc", "Recon", "binary_exploitation", "WEB"}


def test_points_lie_between_100_and_600_and_some_challenges_are_retired(platform: Platform) -> None:
    solves = [solve for stream in streams(platform, OPENED_AT).values() for solve in stream]

    assert {100, 600} <= {solve.challenge_points for solve in solves} <= set(range(100, 601))
    assert {solve.challenge_retired for solve in solves} == {True, False}
    assert any(solve.nist_nice_work_roles for solve in solves)
