"""What becomes of answers that are damaged, wrong or somebody else's."""

import json
from typing import Any
from uuid import UUID

import pytest

from gameplatform.client.endpoints import MetaCtfApi
from gameplatform.exceptions import BadResponse, NotFound

from .conftest import Connect
from .scripted import answer, serving

ID = UUID("018f0000-0000-7000-8000-00000000abcd")


def user(**changes: Any) -> bytes:
    good = {
        "metactf_user_id": 7,
        "metactf_username": "alice",
        "syned_user_id": str(ID),
        "metactf_user_status": "approved",
        "last_login_unix_timestamp": None,
        "something_new": [1],
    }
    return json.dumps(good | changes).encode()


@pytest.mark.parametrize("status", [200, 201])
def test_both_declared_and_real_success_are_accepted(connect: Connect, status: int) -> None:
    with serving(answer(status, user())) as script:
        found = MetaCtfApi(connect(script.url), parse_tries=1).user(ID)

    assert (found.metactf_user_id, found.metactf_user_status) == (7, "approved")
    assert f"GET /users?syned_user_id={ID} " in script.heads[0]


def test_a_body_damaged_on_its_way_is_asked_for_again(connect: Connect) -> None:
    with serving(answer(200, user()[:-9]), answer(200, b"\xff"), answer(200, user())) as script:
        assert MetaCtfApi(connect(script.url), parse_tries=3).user(ID).metactf_username == "alice"

    assert len(script.heads) == 3


def test_a_refusal_is_not_asked_for_again(connect: Connect) -> None:
    with serving(answer(404, b'{"detail": "User not found"}')) as script, pytest.raises(NotFound, match="User not"):
        MetaCtfApi(connect(script.url), parse_tries=3).user(ID)

    assert len(script.heads) == 1


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (user(metactf_user_id="7"), r"\$.metactf_user_id"),
        (user(metactf_user_id=2**63), r"\$.metactf_user_id"),
        (user(metactf_user_status="suspended"), r"\$.metactf_user_status"),
        (user(last_login_unix_timestamp=10**12), r"\$.last_login_unix_timestamp"),
        (user(metactf_username="a" * 201), r"\$.metactf_username"),
        (user(metactf_username="a\0"), r"U\+0000"),
        (user(syned_user_id=str(UUID(int=1))), "another account"),
        (b"{}", "metactf_user_id"),
        (b"<html>Log in</html>", "malformed"),
        (b"[" * 100_000, "recursion|malformed|Expected"),
    ],
)
def test_a_wrong_answer_names_the_field(connect: Connect, body: bytes, named: str) -> None:
    with serving(answer(200, body)) as script, pytest.raises(BadResponse, match=named) as raised:
        MetaCtfApi(connect(script.url), parse_tries=2).user(ID)

    assert len(script.heads) == 2
    assert raised.value.status == 200


def test_a_message_about_a_good_answer_shows_nobodys_data(connect: Connect) -> None:
    with serving(answer(200, user(metactf_user_id="7"))) as script, pytest.raises(BadResponse) as raised:
        MetaCtfApi(connect(script.url), parse_tries=1).user(ID)

    assert "alice" not in str(raised.value)
    assert "alice" in raised.value.excerpt


def test_a_backslash_before_harmless_text_is_no_nul(connect: Connect) -> None:
    with serving(answer(200, user(metactf_username="\\u0000"))) as script:
        assert MetaCtfApi(connect(script.url), parse_tries=1).user(ID).metactf_username == "\\u0000"


def test_the_watermark_is_sent_as_unix_seconds(connect: Connect) -> None:
    scores: dict[str, Any] = {
        "syned_user_id": None,
        "total_challenges_solved": 0,
        "total_points": 0,
        "last_accessed_unix_timestamp": 0,
        "challenge_solves": [],
    }
    with serving(answer(200, json.dumps(scores).encode())) as script:
        MetaCtfApi(connect(script.url), parse_tries=1).odl_scores(ID, after=1_700_000_000)

    assert "after_time_unix=1700000000" in script.heads[0]
