"""The simulator's own endpoints: truth, clock, solves added by hand."""

import pytest

from .caller import OPENED_AT, Caller

SCORES = "/scores/get_odl_scores"


def test_the_truth_is_what_the_endpoints_say_user_by_user(caller: Caller) -> None:
    state = caller.state()

    for user_id, row in state["users"].items():
        user = caller.get("/users", syned_user_id=user_id).json()
        assert user["metactf_user_status"] == row["status"]
        assert user["last_login_unix_timestamp"] == row["last_login_unix_timestamp"]
        scores = caller.get(SCORES, syned_user_id=user_id)
        flash = caller.get("/scores/get_flash_ctf_progress", syned_user_id=user_id)
        if row["status"] != "approved":
            assert {scores.status_code, flash.status_code} == {403}
            assert row["odl_solves"] == row["flash_events"] == row["odl_points"] == 0
            continue
        assert row["odl_challenges_solved"] == row["odl_solves"] == scores.json()["total_challenges_solved"]
        assert row["odl_points"] == scores.json()["total_points"]
        events = flash.json()["flash_ctfs"]
        assert row["flash_events"] == len(events)
        assert row["flash_points"] == sum(event["points_earned"] for event in events)
        assert row["flash_solves"] == sum(len(event["challenge_solves"]) for event in events)
        solves = scores.json()["challenge_solves"] + [one for event in events for one in event["challenge_solves"]]
        assert row["newest_solve_unix"] == max((one["timestamp_unix"] for one in solves), default=None)


def test_the_totals_are_the_sums_over_the_users(caller: Caller) -> None:
    state = caller.state()
    users, totals = state["users"].values(), state["totals"]

    for name in ("odl_challenges_solved", "odl_solves", "odl_points", "flash_events", "flash_solves", "flash_points"):
        assert totals[name] == sum(row[name] for row in users) > 0
    assert totals["accounts"] == len(users)
    assert totals["status_approved"] == sum(row["status"] == "approved" for row in users)
    assert totals["assignments"] == sum(row["syned_team_id"] is not None for row in users)
    assert (totals["competitors"], totals["coaches"]) == (40, 2)


def test_the_summary_has_the_same_totals_without_the_users(caller: Caller) -> None:
    summary = caller.admin("GET", "/state?summary=1").json()

    assert "users" not in summary
    assert summary["totals"] == caller.state()["totals"]


def test_a_standing_clock_changes_nothing_until_it_is_moved(caller: Caller) -> None:
    before = caller.state()
    assert caller.state()["users"] == before["users"]

    caller.advance(3600)

    after = caller.state()
    assert after["clock"]["now_unix"] == before["clock"]["now_unix"] + 3600 == OPENED_AT + 3600
    assert after["totals"]["odl_solves"] > before["totals"]["odl_solves"]


@pytest.mark.parametrize("body", [{}, {"advance_seconds": -1}, {"advance_seconds": "1"}, {"hours": 1}])
def test_the_clock_refuses_what_it_does_not_understand(caller: Caller, body: dict[str, object]) -> None:
    assert caller.admin("POST", "/clock", body).status_code == 422
    assert caller.admin("GET", "/clock").json()["now_unix"] == OPENED_AT


def test_an_added_solve_is_there_at_once(caller: Caller) -> None:
    user_id, solves = caller.solver()
    body = {"syned_user_id": user_id, "points": 350, "category": "forensics"}

    added = caller.admin("POST", "/solves", body)

    assert added.status_code == 201
    shown = caller.get(SCORES, syned_user_id=user_id, after_time_unix=OPENED_AT - 1).json()["challenge_solves"]
    assert shown == [added.json()]
    assert caller.state()["users"][user_id]["odl_solves"] == len(solves) + 1


def test_a_late_solve_can_be_added_before_others(caller: Caller) -> None:
    user_id, solves = caller.solver()
    late = solves[5].timestamp_unix + 1

    caller.admin("POST", "/solves", {"syned_user_id": user_id, "timestamp_unix": late})

    moments = [one["timestamp_unix"] for one in caller.get(SCORES, syned_user_id=user_id).json()["challenge_solves"]]
    assert late in moments
    assert moments == sorted(moments)


def test_a_solve_is_refused_for_nobody_and_in_the_future(caller: Caller) -> None:
    user_id, _ = caller.solver()

    assert caller.admin("POST", "/solves", {"syned_user_id": "nobody"}).status_code == 404
    future = {"syned_user_id": user_id, "timestamp_unix": OPENED_AT + 1}
    assert caller.admin("POST", "/solves", future).status_code == 422
    assert caller.admin("POST", "/solves", {"syned_user_id": user_id, "colour": "red"}).status_code == 422
