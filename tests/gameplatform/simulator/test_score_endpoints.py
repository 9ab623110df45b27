"""The score endpoints over the socket."""

import pytest

from .caller import OPENED_AT, Caller

SCORES, FLASH = "/scores/get_odl_scores", "/scores/get_flash_ctf_progress"


def test_unfiltered_scores_add_up(caller: Caller) -> None:
    user_id, solves = caller.solver()

    body = caller.get(SCORES, syned_user_id=user_id).json()

    assert body["syned_user_id"] == user_id
    assert body["total_challenges_solved"] == len(body["challenge_solves"]) == len(solves)
    points = sum(solve["challenge_points"] for solve in body["challenge_solves"])
    assert body["total_points"] == points == sum(body["category_points"].values())
    assert body["last_accessed_unix_timestamp"] >= body["challenge_solves"][-1]["timestamp_unix"]


def test_a_solve_has_every_documented_field(caller: Caller) -> None:
    user_id, _ = caller.solver()

    solve = caller.get(SCORES, syned_user_id=user_id).json()["challenge_solves"][0]

    assert {name: type(value) for name, value in solve.items()} == {
        "challenge_solve_id": int,
        "challenge_id": int,
        "challenge_title": str,
        "challenge_points": int,
        "challenge_category": str,
        "timestamp_unix": int,
        "challenge_retired": bool,
        "nist_nice_work_roles": list,
    }


def test_the_filter_is_strictly_after_and_filters_the_totals_too(caller: Caller) -> None:
    user_id, solves = caller.solver()
    watermark = solves[9].timestamp_unix

    body = caller.get(SCORES, syned_user_id=user_id, after_time_unix=watermark).json()

    moments = [solve["timestamp_unix"] for solve in body["challenge_solves"]]
    assert moments == [solve.timestamp_unix for solve in solves[10:]]
    assert body["total_challenges_solved"] == len(solves) - 10


def test_a_filter_that_is_no_number_is_a_422(caller: Caller) -> None:
    user_id, _ = caller.solver()

    answer = caller.get(SCORES, syned_user_id=user_id, after_time_unix="yesterday")

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "after_time_unix"]


@pytest.mark.parametrize("path", [SCORES, FLASH])
def test_unknown_users_are_404(caller: Caller, path: str) -> None:
    assert caller.get(path, syned_user_id=str(caller.competitor(None).syned_user_id)).status_code == 404


@pytest.mark.parametrize("path", [SCORES, FLASH])
@pytest.mark.parametrize("status", ["user_created", "pending_approval", "denied"])
def test_users_without_approval_are_403(caller: Caller, path: str, status: str) -> None:
    person = next(one for one in caller.simulation.platform.world.competitors if one.status == status)

    answer = caller.get(path, syned_user_id=str(person.syned_user_id))

    assert (answer.status_code, answer.json()) == (403, {"detail": "User not found or not approved"})


def test_flash_progress_is_the_full_history(caller: Caller) -> None:
    user_id = max(
        caller.state()["users"].items(),
        key=lambda pair: pair[1]["flash_events"],
    )[0]

    body = caller.get(FLASH, syned_user_id=user_id, after_time_unix=OPENED_AT).json()

    assert body["syned_user_id"] == user_id
    assert len(body["flash_ctfs"]) > 3
    assert set(body["flash_ctfs"][0]) == {
        "flash_ctf_name",
        "flash_ctf_time_start_unix",
        "challenges_solved",
        "challenge_solves",
        "points_earned",
        "max_points_possible",
        "rank",
    }
