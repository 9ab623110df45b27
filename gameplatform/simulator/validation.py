"""Reads bodies and query strings; what is wrong with them is answered in FastAPI's shape, all at once."""

from collections.abc import Sequence
from typing import Any

import msgspec

from gameplatform.simulator.exceptions import Problem, invalid
from gameplatform.simulator.wire import Request


def body_object(request: Request) -> dict[str, Any]:
    """The JSON object in the body, or 422."""
    if not request.body:
        raise invalid(missing("body"))
    try:
        body = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise invalid({"loc": ["body", 0], "msg": "JSON decode error", "type": "json_invalid"}) from None
    if not isinstance(body, dict):
        text = "Input should be a valid dictionary or object to extract fields from"
        raise invalid({"loc": ["body"], "msg": text, "type": "model_attributes_type"})
    return body


class BodyReader:
    """Reads fields of the body one by one, collecting problems; `check` raises them together as one 422."""

    def __init__(self, request: Request) -> None:
        self._body = body_object(request)
        self._problems: list[Problem] = []

    def text(self, name: str) -> str:
        """A required text."""
        if name not in self._body:
            self._problems.append(missing("body", name))
            return ""
        return self._string(name, self._body[name])

    def optional_text(self, name: str) -> str | None:
        """A text that may be absent or null."""
        value = self._body.get(name)
        return None if value is None else self._string(name, value)

    def email(self, name: str) -> str:
        """A required text that looks like an e-mail address."""
        value = self.text(name)
        local, at, domain = value.rpartition("@")
        if value and not (at and local and "." in domain):
            text = "value is not a valid email address: An email address must have an @-sign."
            self._problems.append({"loc": ["body", name], "msg": text, "type": "value_error"})
        return value

    def choice[T: str](self, name: str, options: Sequence[T]) -> T:
        """A required text out of `options`."""
        known = len(self._problems)
        value = self.text(name)
        for option in options:
            if value == option:
                return option
        if len(self._problems) == known:
            self._problems.append(not_one_of(["body", name], options))
        return options[0]

    def check(self) -> None:
        """Raise 422 with every problem met so far."""
        if self._problems:
            raise invalid(*self._problems)

    def _string(self, name: str, value: object) -> str:
        if isinstance(value, str):
            return value
        problem: Problem = {
            "loc": ["body", name],
            "msg": "Input should be a valid string",
            "type": "string_type",
        }
        self._problems.append(problem)
        return ""


def query_text(request: Request, name: str) -> str:
    """A required query parameter, or 422."""
    if name not in request.query:
        raise invalid(missing("query", name))
    return request.query[name]


def query_integer(request: Request, name: str) -> int | None:
    """An optional whole number from the query, or 422."""
    text = request.query.get(name)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        message = "Input should be a valid integer, unable to parse string as an integer"
        raise invalid({"loc": ["query", name], "msg": message, "type": "int_parsing"}) from None


def missing(*loc: str | int) -> Problem:
    """The problem of a field that is not there."""
    return {"loc": list(loc), "msg": "Field required", "type": "missing"}


def not_one_of(loc: list[str | int], options: Sequence[str]) -> Problem:
    """The problem of a text outside a closed list."""
    *first, last = (f"'{option}'" for option in options)
    return {"loc": loc, "msg": f"Input should be {', '.join(first)} or {last}", "type": "literal_error"}
