"""The user endpoints over the socket."""

import uuid

import pytest

from .caller import OPENED_AT, Caller


def new_user(caller: Caller, **changes: object) -> dict[str, object]:
    coach = caller.simulation.platform.world.coaches[0]
    return {
        "first_name": "Nova",
        "last_name": "Quill",
        "email": "nova.quill@school.example.org",
        "role": "user",
        "syned_user_id": str(uuid.UUID(int=1)),
        "syned_coach_user_id": str(coach.syned_user_id),
        **changes,
    }


def test_health_answers(caller: Caller) -> None:
    assert caller.get("/").status_code == 200


def test_a_user_is_answered_with_the_declared_201(caller: Caller) -> None:
    person = caller.competitor()

    answer = caller.get("/users", syned_user_id=str(person.syned_user_id))

    assert answer.status_code == 201
    body = answer.json()
    assert body["syned_user_id"] == str(person.syned_user_id)
    assert body["metactf_user_status"] == "approved"
    assert isinstance(body["metactf_user_id"], int)
    assert isinstance(body["metactf_username"], str)
    assert body["last_login_unix_timestamp"] <= OPENED_AT


@pytest.mark.parametrize("status", ["user_created", "pending_approval", "denied"])
def test_every_other_status_is_shown_too(caller: Caller, status: str) -> None:
    person = next(one for one in caller.simulation.platform.world.competitors if one.status == status)

    answer = caller.get("/users", syned_user_id=str(person.syned_user_id))

    assert answer.json()["metactf_user_status"] == status


def test_an_unknown_user_is_404_with_a_sentence(caller: Caller) -> None:
    person = caller.competitor(None)

    answer = caller.get("/users", syned_user_id=str(person.syned_user_id))

    assert (answer.status_code, answer.json()) == (404, {"detail": "User not found"})


def test_a_missing_parameter_is_a_422_that_names_it(caller: Caller) -> None:
    answer = caller.get("/users")

    assert answer.status_code == 422
    problem = {"loc": ["query", "syned_user_id"], "msg": "Field required", "type": "missing"}
    assert answer.json() == {"detail": [problem]}


def test_a_created_user_exists_from_then_on(caller: Caller) -> None:
    created = caller.post("/users", **new_user(caller, preferred_username="nova"))

    assert created.status_code == 201
    assert created.json()["metactf_username"] == "nova"
    seen = caller.get("/users", syned_user_id=str(uuid.UUID(int=1))).json()
    assert seen["metactf_user_id"] == created.json()["metactf_user_id"]
    assert seen["last_login_unix_timestamp"] is None


def test_a_created_student_is_approved_minutes_later_and_begins_to_solve(caller: Caller) -> None:
    body = new_user(caller)
    caller.post("/users", **body)
    user_id = str(body["syned_user_id"])
    statuses = []

    for _ in range(4):
        statuses.append(caller.get("/users", syned_user_id=user_id).json()["metactf_user_status"])
        caller.advance(60)
    assert statuses == ["user_created", "pending_approval", "pending_approval", "approved"]

    caller.advance(3600)
    assert caller.get("/scores/get_odl_scores", syned_user_id=user_id).json()["total_challenges_solved"] > 3


def test_the_status_is_left_out_of_some_answers_to_a_creation(caller: Caller) -> None:
    answers = [
        caller.post(
            "/users",
            **new_user(caller, syned_user_id=str(uuid.UUID(int=nth)), email=f"{nth}@school.example.org"),
        ).json()
        for nth in (1, 2)
    ]

    assert sorted("metactf_user_status" in answer for answer in answers) == [False, True]


def test_a_second_creation_is_refused_with_a_text(caller: Caller) -> None:
    caller.post("/users", **new_user(caller))

    same_id = caller.post("/users", **new_user(caller, email="other@school.example.org"))
    same_email = caller.post("/users", **new_user(caller, syned_user_id=str(uuid.UUID(int=2))))

    for answer in (same_id, same_email):
        assert answer.status_code == 400
        assert "already exists" in answer.json()["detail"]


@pytest.mark.parametrize("coach_id", [str(uuid.UUID(int=9)), "a competitor"])
def test_students_are_refused_under_somebody_who_is_no_coach(caller: Caller, coach_id: str) -> None:
    if coach_id == "a competitor":
        coach_id = str(caller.competitor().syned_user_id)

    answer = caller.post("/users", **new_user(caller, syned_coach_user_id=coach_id))

    assert (answer.status_code, answer.json()) == (400, {"detail": "Coach not found or not approved"})


def test_students_can_be_created_under_a_coach_created_a_moment_ago(caller: Caller) -> None:
    coach_id = str(uuid.UUID(int=8))
    coach = new_user(caller, role="coach", syned_user_id=coach_id, email="coach@school.example.org")
    del coach["syned_coach_user_id"]
    caller.post("/users", **coach)

    assert caller.post("/users", **new_user(caller, syned_coach_user_id=coach_id)).status_code == 201


def test_every_wrong_field_of_a_creation_is_named(caller: Caller) -> None:
    answer = caller.post("/users", first_name=3, email="nobody", role="boss", syned_school_id=5)

    assert answer.status_code == 422
    problems = {problem["loc"][-1]: problem["type"] for problem in answer.json()["detail"]}
    assert problems == {
        "first_name": "string_type",
        "last_name": "missing",
        "email": "value_error",
        "role": "literal_error",
        "syned_user_id": "missing",
        "syned_school_id": "string_type",
    }


@pytest.mark.parametrize(("body", "kind"), [("{", "json_invalid"), ("[]", "model_attributes_type"), ("", "missing")])
def test_a_body_that_is_no_object_is_a_422(caller: Caller, body: str, kind: str) -> None:
    headers = {"Authorization": f"Bearer {caller.running.token}"}
    answer = caller.session.post(caller.running.base_url + "/users", data=body, headers=headers, timeout=10)

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["type"] == kind


def test_a_password_reset_is_sent_to_known_users_only(caller: Caller) -> None:
    path = "/auth/send_password_reset_email"

    assert caller.post(path, syned_user_id=str(caller.competitor().syned_user_id)).status_code == 200
    assert caller.post(path, syned_user_id="nobody").status_code == 404
