"""Every fault, seen from the client's side of the socket."""

import time
from collections import Counter

import msgspec
import pytest
import requests

from gameplatform.simulator.answers import ScoresAnswer

from .caller import Caller

SCORES = "/scores/get_odl_scores"


def statuses(caller: Caller, calls: int) -> Counter[int]:
    return Counter(caller.get("/").status_code for _ in range(calls))


def test_every_fault_is_off_at_the_start_and_after_a_delete(caller: Caller) -> None:
    clean = caller.admin("GET", "/faults").json()
    assert not any(clean.values())

    caller.faults(rate5xx=1)
    assert statuses(caller, 5)[200] == 0
    assert caller.admin("DELETE", "/faults").json() == clean
    assert statuses(caller, 5) == {200: 5}


def test_a_change_leaves_the_other_faults_on(caller: Caller) -> None:
    caller.faults(rate429=0.25)
    caller.faults(latency_ms=1)

    shown = caller.admin("GET", "/faults").json()
    assert (shown["rate429"], shown["latency_ms"]) == (0.25, 1)


def test_an_unknown_fault_is_refused_with_the_known_ones(caller: Caller) -> None:
    answer = caller.admin("POST", "/faults", {"rate418": 1, "rate429": 1})

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "rate418"]
    assert "rate429" in answer.json()["detail"][0]["msg"]
    assert statuses(caller, 3) == {200: 3}


@pytest.mark.parametrize(
    "body",
    [{"rate429": 1.5}, {"rate429": -0.1}, {"latency_ms": "slow"}, {"rate429": 0.6, "rate5xx": 0.6}, []],
)
def test_a_wrong_value_is_refused(caller: Caller, body: object) -> None:
    assert caller.admin("POST", "/faults", body).status_code == 422


def test_429_comes_with_and_without_retry_after(caller: Caller) -> None:
    caller.faults(rate429=1)
    assert caller.get("/").status_code == 429
    assert "Retry-After" not in caller.get("/").headers

    caller.faults(retry_after_seconds=3)
    assert caller.get("/").headers["Retry-After"] == "3"


def test_a_rate_strikes_about_so_often_and_the_same_way_each_time(caller: Caller) -> None:
    caller.faults(rate429=0.3)

    seen = statuses(caller, 200)

    assert 30 <= seen[429] <= 90
    assert seen[429] + seen[200] == 200


def test_5xx_comes_in_kinds_also_as_a_page_of_html(caller: Caller) -> None:
    caller.faults(rate5xx=1)

    answers = [caller.get("/") for _ in range(40)]

    assert {answer.status_code for answer in answers} == {500, 502, 503}
    page = next(answer for answer in answers if answer.status_code == 502)
    assert page.headers["Content-Type"] == "text/html"


def test_a_dropped_call_gets_no_answer_and_may_have_been_carried_out(caller: Caller) -> None:
    users = [str(p.syned_user_id) for p in caller.simulation.platform.world.competitors if p.status is not None]
    caller.faults(rate_dropped=1)

    for user_id in users[:20]:
        with pytest.raises(requests.ConnectionError):
            caller.post("/users/delete_assignment", syned_user_id=user_id)

    caller.admin("DELETE", "/faults")
    state = caller.state()
    assert state["requests"]["by_endpoint"] == {"POST /users/delete_assignment": {"dropped": 20}}
    left = [state["users"][user_id]["syned_team_id"] for user_id in users[:20]]
    assert None in left
    assert any(left)


def test_a_malformed_answer_is_whole_http_with_broken_json(caller: Caller) -> None:
    user_id, _ = caller.solver()
    caller.faults(rate_malformed=1)

    answer = caller.get(SCORES, syned_user_id=user_id)

    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_wrong_types_are_valid_json_with_one_wrong_field(caller: Caller) -> None:
    user_id, _ = caller.solver()
    caller.faults(rate_wrong_types=1)

    for _ in range(30):
        answer = caller.get(SCORES, syned_user_id=user_id)
        assert isinstance(answer.json(), dict)
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(answer.content, type=ScoresAnswer)


def test_an_expired_token_is_401_for_everyone(caller: Caller) -> None:
    caller.faults(expired_token=True)

    assert caller.get("/").status_code == 401


def test_latency_holds_every_answer_back(caller: Caller) -> None:
    caller.faults(latency_ms=120, jitter_ms=20)
    began = time.monotonic()

    assert statuses(caller, 3) == {200: 3}

    assert time.monotonic() - began >= 0.36


def test_a_slow_drip_arrives_whole_in_the_end(caller: Caller) -> None:
    user_id = str(caller.competitor().syned_user_id)
    whole = caller.get("/users", syned_user_id=user_id)
    caller.faults(drip_bytes_per_second=len(whole.content) * 2)
    began = time.monotonic()

    assert caller.get("/users", syned_user_id=user_id).content == whole.content

    assert time.monotonic() - began >= 0.4


def test_a_number_of_failing_accounts_fail_in_different_ways_and_the_others_do_not(caller: Caller) -> None:
    known = [str(p.syned_user_id) for p in caller.simulation.platform.world.competitors if p.status == "approved"]
    with_account = [str(p.syned_user_id) for p in caller.simulation.platform.world.competitors if p.status]
    caller.faults(failing_accounts=4)

    answers = [caller.get(SCORES, syned_user_id=user_id) for user_id in with_account[:4]]

    assert [answer.status_code for answer in answers] == [404, 403, answers[2].status_code, 500]
    assert all(caller.get(SCORES, syned_user_id=u).status_code == 200 for u in known if u not in with_account[:4])


def test_named_accounts_fail_on_every_call(caller: Caller) -> None:
    user_id, _ = caller.solver()
    caller.faults(failing_accounts=[user_id])

    assert [caller.get(path, syned_user_id=user_id).status_code for path in ("/users", SCORES)] == [404, 404]
