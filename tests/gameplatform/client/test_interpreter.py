"""Statuses and bodies become typed errors."""

import json
from typing import Any

import pytest

from gameplatform import exceptions
from gameplatform.client.interpreter import body_of
from gameplatform.client.transport import RawAnswer


def raw(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> RawAnswer:
    return RawAnswer(method="GET", path="/users", status=status, headers=headers or {}, body=body)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_any_success_gives_the_body(status: int) -> None:
    assert body_of(raw(status, b"[1]")) == b"[1]"


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (302, exceptions.Unauthorized, "AUTH_ERROR"),
        (400, exceptions.Rejected, "VALIDATION_ERROR"),
        (401, exceptions.Unauthorized, "AUTH_ERROR"),
        (403, exceptions.Forbidden, "FORBIDDEN"),
        (404, exceptions.NotFound, "NOT_FOUND"),
        (408, exceptions.TimedOut, "TIMEOUT"),
        (422, exceptions.Rejected, "VALIDATION_ERROR"),
        (425, exceptions.Unavailable, "NETWORK_ERROR"),
        (429, exceptions.RateLimited, "RATE_LIMIT"),
        (500, exceptions.Unavailable, "NETWORK_ERROR"),
        (599, exceptions.Unavailable, "NETWORK_ERROR"),
    ],
)
def test_every_other_status_is_its_own_error(status: int, error: type[exceptions.CallError], code: str) -> None:
    with pytest.raises(error) as raised:
        body_of(raw(status, b"<html>"))

    assert type(raised.value) is error
    assert (raised.value.error_code, raised.value.status, raised.value.excerpt) == (code, status, "<html>")
    assert f"GET /users answered {status}" in str(raised.value)


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ("Team is not empty", "Team is not empty"),
        ([{"loc": ["query", "syned_user_id"], "msg": "Field required", "type": "missing"}], "query.syned_user_id: Fi"),
        ([7], "Unprocessable"),
        ({"odd": 1}, "Unprocessable"),
    ],
)
def test_the_platforms_own_words_are_kept(detail: Any, said: str) -> None:
    with pytest.raises(exceptions.Rejected) as raised:
        body_of(raw(422, json.dumps({"detail": detail}).encode()))

    assert said in raised.value.problem


def test_the_wait_that_the_platform_asks_for_is_kept() -> None:
    with pytest.raises(exceptions.RateLimited) as raised:
        body_of(raw(429, headers={"Retry-After": "90"}))

    assert raised.value.retry_after == 90


def test_only_the_beginning_of_a_body_is_kept() -> None:
    with pytest.raises(exceptions.Unavailable) as raised:
        body_of(raw(500, b"\x00\xff" + b"long " * 10_000))

    assert len(raised.value.excerpt) < 250
    assert "\x00" not in str(raised.value)
