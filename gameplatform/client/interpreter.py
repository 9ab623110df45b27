"""Turns an answer's status into its body or a typed exception. It does not read what a good body says."""

from http import HTTPStatus
from typing import Any

import msgspec

from gameplatform.client.retry_after import seconds_asked
from gameplatform.client.transport import RawAnswer
from gameplatform.exceptions import (
    CallError,
    Forbidden,
    NotFound,
    RateLimited,
    Rejected,
    TimedOut,
    Unauthorized,
    Unavailable,
)

_LONGEST_DETAIL = 500
_BY_STATUS: dict[int, type[CallError]] = {
    HTTPStatus.UNAUTHORIZED: Unauthorized,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.REQUEST_TIMEOUT: TimedOut,
    HTTPStatus.TOO_EARLY: Unavailable,
}


def body_of(answer: RawAnswer) -> bytes:
    """The body of an answer that means success (2xx).

    Raises:
        CallError: one of its typed children, by the status.
    """
    if answer.status // 100 == HTTPStatus.OK // 100:
        return answer.body
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise RateLimited(
            "too many requests",
            method=answer.method,
            path=answer.path,
            status=answer.status,
            body=answer.body,
            retry_after=seconds_asked(answer.headers.get("Retry-After")),
        )
    raise _error_type(answer.status)(
        _problem(answer), method=answer.method, path=answer.path, status=answer.status, body=answer.body
    )


def _error_type(status: int) -> type[CallError]:
    # A redirect leads to a log-in page or another host; the token must not follow it.
    if status < HTTPStatus.BAD_REQUEST:
        return Unauthorized
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unavailable
    return _BY_STATUS.get(status, Rejected)


def _problem(answer: RawAnswer) -> str:
    if answer.status < HTTPStatus.BAD_REQUEST:
        return "redirected, so the base address or the token is wrong"
    try:
        body = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        body = None
    detail = _detail(body.get("detail")) if isinstance(body, dict) else ""
    return detail[:_LONGEST_DETAIL] or _phrase(answer.status)


def _detail(detail: Any) -> str:
    """The platform's own words: a text, or a list of {loc, msg, type}."""
    if isinstance(detail, str):
        return detail
    if not isinstance(detail, list):
        return ""
    problems = [entry for entry in detail if isinstance(entry, dict)]
    return "; ".join(f"{_location(entry.get('loc'))}: {entry.get('msg', '')}" for entry in problems)


def _location(loc: Any) -> str:
    return ".".join(str(part) for part in loc) if isinstance(loc, list) else "?"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "an unknown status"
