"""What an answer means to whoever knocked, in a word."""

from django.http import HttpResponseBase

_BY_STATUS = {
    200: "in", 201: "in", 202: "in", 204: "in",
    400: "bad", 409: "bad", 415: "bad", 422: "bad",
    401: "who?", 403: "no", 404: "none", 405: "method", 410: "none", 429: "often", 503: "away",
}  # fmt: skip
"""`in`: let in. `bad`: let in, but what was sent makes no sense. `who?`: should log in first. `no`: known, and may not.
`none`: nothing there, or nothing for this one. `method`: not by this method. `away`: switched off."""


def word(answer: HttpResponseBase) -> str:
    """`on`: sent on to another address."""
    if answer.status_code in (301, 302, 303, 307, 308):
        return "who?" if "/login/" in answer.headers["Location"] else "on"
    return _BY_STATUS.get(answer.status_code, str(answer.status_code))
