"""Reading bodies and query strings: strict JSON in UTF-8, nothing that PostgreSQL could not store."""

from typing import Any

import msgspec
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from jobqueue.conf import conf
from jobqueue.http.problems import ApiProblem, invalid
from jobqueue.payloads import holds_nul

_NUL = "PostgreSQL cannot store the character U+0000: expected text without it."


class StrictParser(Parser):
    """ninja's parser, for JSON only."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body's JSON.

        Raises:
            ApiProblem: another content type, too long, or no JSON.
        """
        if request.content_type != "application/json":
            named = request.content_type or "none"
            raise ApiProblem(415, f"The content type is {named[:100]}: expected application/json.")
        most = conf().API_MAX_BODY_BYTES
        if len(request.body) > most:
            raise too_large(most)
        try:
            data = msgspec.json.decode(request.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ApiProblem(400, f"The body is no JSON: {error}. Expected an object in UTF-8.") from None
        if not isinstance(data, dict):
            raise ApiProblem(422, f"The body is {_kind(data)}: expected an object such as {{}}.")
        if holds_nul(request.body):
            raise ApiProblem(422, _NUL)
        return data

    def parse_querydict(
        self, data: "MultiValueDict[str, Any]", list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """The query's values; of repeated ones that are no list, the last.

        Raises:
            ApiProblem: a value holds what PostgreSQL does not store.
        """
        nul = {name: _NUL for name, values in data.lists() if any("\0" in value for value in values)}
        if nul:
            raise invalid({name.replace("\0", "\N{REPLACEMENT CHARACTER}"): problem for name, problem in nul.items()})
        return super().parse_querydict(data, list_fields, request)


def too_large(most: int) -> ApiProblem:
    """The body is longer than this many bytes."""
    return ApiProblem(413, f"The body is too long: expected at most {most:,} bytes.")


def _kind(value: Any) -> str:
    kinds = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")
