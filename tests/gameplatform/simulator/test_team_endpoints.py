"""The team endpoints over the socket."""

import uuid

import pytest
import requests

from .caller import Caller

TEAM_ID = str(uuid.UUID(int=77))


def create_team(caller: Caller, **changes: str) -> requests.Response:
    coach = caller.simulation.platform.world.coaches[0]
    body = {
        "syned_coach_user_id": str(coach.syned_user_id),
        "syned_team_id": TEAM_ID,
        "team_name": "Late Starters",
        "affiliation": "Harborview Academy",
        "division": "college",
    }
    return caller.post("/teams", **body | changes)


def test_a_created_team_is_answered_in_full(caller: Caller) -> None:
    answer = create_team(caller)

    assert answer.status_code == 201
    body = answer.json()
    assert isinstance(body.pop("metactf_team_id"), int)
    assert isinstance(body.pop("metactf_coach_id"), str)
    assert body == {
        "syned_team_id": TEAM_ID,
        "team_name": "Late Starters",
        "division": "college",
        "affiliation": "Harborview Academy",
    }


def test_a_team_is_refused_twice_and_without_its_coach(caller: Caller) -> None:
    create_team(caller)

    assert create_team(caller).json() == {"detail": "A team with this syned_team_id already exists"}
    orphan = create_team(caller, syned_team_id="other", syned_coach_user_id="nobody")
    assert (orphan.status_code, orphan.json()) == (400, {"detail": "Coach not found or not approved"})


@pytest.mark.parametrize("division", ["", "kindergarten"])
def test_an_unknown_division_is_a_422_with_the_known_ones(caller: Caller, division: str) -> None:
    answer = create_team(caller, division=division)

    assert answer.status_code == 422
    text = "Input should be 'high_school', 'middle_school' or 'college'"
    assert answer.json()["detail"][0]["msg"] == text


def test_assigning_moves_and_may_be_repeated(caller: Caller) -> None:
    user_id = str(caller.competitor().syned_user_id)
    create_team(caller)

    for _ in range(2):
        answer = caller.post("/users/assign_team", syned_team_id=TEAM_ID, syned_user_id=user_id)
        assert answer.status_code == 201
        assert answer.json() == {"syned_team_id": TEAM_ID, "syned_user_id": user_id}

    rows = caller.get("/users/get_team_assignments", syned_team_id=TEAM_ID).json()
    assert rows == {
        "assignments": [{"syned_team_id": TEAM_ID, "syned_user_id": user_id}],
        "total_count": 1,
    }
    everyone = caller.get("/users/get_team_assignments").json()["assignments"]
    assert [row["syned_team_id"] for row in everyone if row["syned_user_id"] == user_id] == [TEAM_ID]


def test_assigning_needs_a_known_user_and_a_known_team(caller: Caller) -> None:
    user_id = str(caller.competitor().syned_user_id)

    no_team = caller.post("/users/assign_team", syned_team_id="none", syned_user_id=user_id)
    create_team(caller)
    no_user = caller.post("/users/assign_team", syned_team_id=TEAM_ID, syned_user_id="none")

    assert (no_team.status_code, no_team.json()) == (404, {"detail": "Team not found"})
    assert (no_user.status_code, no_user.json()) == (404, {"detail": "User not found"})


def test_leaving_a_team_says_which_one_it_was(caller: Caller) -> None:
    user_id = str(caller.competitor().syned_user_id)
    create_team(caller)
    caller.post("/users/assign_team", syned_team_id=TEAM_ID, syned_user_id=user_id)

    first = caller.post("/users/delete_assignment", syned_user_id=user_id)
    second = caller.post("/users/delete_assignment", syned_user_id=user_id)

    assert (first.status_code, first.json()) == (200, {"syned_team_id": TEAM_ID, "syned_user_id": user_id})
    assert (second.status_code, second.json()) == (200, {"syned_team_id": None, "syned_user_id": user_id})


def test_only_an_empty_team_can_be_deleted(caller: Caller) -> None:
    user_id = str(caller.competitor().syned_user_id)
    create_team(caller)
    caller.post("/users/assign_team", syned_team_id=TEAM_ID, syned_user_id=user_id)

    refused = caller.post("/teams/delete", syned_team_id=TEAM_ID)
    assert refused.status_code == 400
    assert user_id in refused.json()["detail"]

    caller.post("/users/delete_assignment", syned_user_id=user_id)
    assert caller.post("/teams/delete", syned_team_id=TEAM_ID).status_code == 200
    assert caller.post("/teams/delete", syned_team_id=TEAM_ID).status_code == 404


def test_all_assignments_cover_every_student_and_no_coach(caller: Caller) -> None:
    body = caller.get("/users/get_team_assignments").json()

    students = {str(p.syned_user_id) for p in caller.simulation.platform.world.competitors if p.status is not None}
    assert {row["syned_user_id"] for row in body["assignments"]} == students
    assert body["total_count"] == len(body["assignments"])
    assert any(row["syned_team_id"] is None for row in body["assignments"])


def test_the_platform_rosters_deviate_from_the_schools_here_and_there(caller: Caller) -> None:
    rows = caller.get("/users/get_team_assignments").json()["assignments"]
    school = {str(p.syned_user_id): p for p in caller.simulation.platform.world.competitors}

    here = {row["syned_user_id"]: row["syned_team_id"] for row in rows}
    there = {user: str(school[user].team_id) if school[user].team_id else None for user in here}
    differing = [user for user in here if here[user] != there[user]]
    assert 0 < len(differing) < len(here) / 2
