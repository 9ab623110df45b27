"""Errors as the API tells them: one JSON shape, with a word for programs and a sentence for people."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.http import HttpResponse

CODES = {
    400: "BAD_REQUEST",
    401: "NOT_AUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    413: "TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "VALIDATION_ERROR",
    429: "RATE_LIMIT",
    500: "INTERNAL_ERROR",
    503: "UNAVAILABLE",
}
"""The usual word for each status."""


class ApiProblem(Exception):  # noqa: N818  what is answered, not what went wrong here
    """Raised anywhere below a route: answered as `{error: {code, message, fields?}}`.

    Args:
        status: of HTTP.
        message: what was expected, in a sentence.
        code: a word for programs; the status's usual one by default.
        fields: by input field, what is wrong with it.
        headers: of the answer, such as Retry-After.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "",
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code or CODES[status]
        self.fields = fields or {}
        self.headers = headers or {}


def answer(problem: ApiProblem) -> HttpResponse:
    """The problem as a response."""
    error: dict[str, Any] = {"code": problem.code, "message": problem.message}
    if problem.fields:
        error["fields"] = dict(problem.fields)
    content = msgspec.json.encode({"error": error})
    return HttpResponse(
        content, status=problem.status, content_type="application/json", headers=dict(problem.headers) or None
    )


def invalid(fields: Mapping[str, str]) -> ApiProblem:
    """A problem with input fields; the message says them all."""
    said = " ".join(f"{name}: {problem.rstrip('.')}." for name, problem in fields.items())
    return ApiProblem(422, said, fields=fields)


def not_found(what: str) -> ApiProblem:
    """There is no such thing, or not for this caller."""
    return ApiProblem(404, f"There is no {what}, or it is not yours to see.")
