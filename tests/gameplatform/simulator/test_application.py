"""Which request reaches which endpoint, and who is let in."""

import pytest

from .caller import Caller


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic demo-token", "demo-token", "Bearer"])
def test_without_the_right_token_every_call_is_401(caller: Caller, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}

    for path in ("/", "/users?syned_user_id=x", "/users/get_team_assignments"):
        answer = caller.session.get(caller.running.base_url + path, headers=headers, timeout=10)
        assert answer.status_code == 401
        assert isinstance(answer.json()["detail"], str)


def test_an_unknown_path_is_404_and_a_wrong_method_405(caller: Caller) -> None:
    assert caller.get("/nothing").json() == {"detail": "Not Found"}
    assert caller.get("/teams").status_code == 405
    assert caller.session.get(caller.running.admin_url.removesuffix("__admin"), timeout=10).status_code == 404


def test_calls_are_counted_by_endpoint_and_status(caller: Caller) -> None:
    caller.get("/users", syned_user_id="nobody")
    caller.get("/users", syned_user_id=str(caller.competitor().syned_user_id))
    caller.get("/")
    caller.get("/nothing")

    requests = caller.state()["requests"]
    assert requests["total"] == 4
    assert requests["by_endpoint"] == {
        "GET /users": {"404": 1, "201": 1},
        "GET /": {"200": 1},
        "other": {"404": 1},
    }
