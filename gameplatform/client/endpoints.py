"""MetaCTF's integration API, one typed method per endpoint in use."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec

from gameplatform.client.answers import AssignmentsAnswer, FlashAnswer, ScoresAnswer, UserAnswer
from gameplatform.client.interpreter import body_of
from gameplatform.client.transport import RawAnswer, Transport
from gameplatform.exceptions import BadResponse

# The escape, and not a backslash that is itself escaped before a harmless "u0000".
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_user = msgspec.json.Decoder(UserAnswer)
_scores = msgspec.json.Decoder(ScoresAnswer)
_flash = msgspec.json.Decoder(FlashAnswer)
_assignments = msgspec.json.Decoder(AssignmentsAnswer)


class MetaCtfApi:
    """Every method raises the CallErrors of `gameplatform.exceptions`.

    Args:
        transport: sends the calls.
        parse_tries: how often a call is made anew because its answer cannot be read.
    """

    def __init__(self, transport: Transport, *, parse_tries: int) -> None:
        self._transport = transport
        self._parse_tries = parse_tries

    def health(self) -> None:
        """GET / answers at all."""
        body_of(self._transport.send("GET", "/"))

    def user(self, account_id: UUID) -> UserAnswer:
        """Status and names of one account."""
        return self._about("/users", _user, account_id)

    def odl_scores(self, account_id: UUID, after: int | None = None) -> ScoresAnswer:
        """Practice scores.

        Args:
            account_id: whose.
            after: unix seconds; only solves strictly after it are listed. The totals are to be trusted
                only without it.
        """
        params = {} if after is None else {"after_time_unix": after}
        return self._about("/scores/get_odl_scores", _scores, account_id, params)

    def flash_ctf_progress(self, account_id: UUID) -> FlashAnswer:
        """The whole history of flash CTF events."""
        return self._about("/scores/get_flash_ctf_progress", _flash, account_id)

    def team_assignments(self) -> AssignmentsAnswer:
        """Who is in which team: every account, in one answer."""
        return self._ask("/users/get_team_assignments", {}, lambda answer: _parse(answer, _assignments))

    def _about[T: (UserAnswer, ScoresAnswer, FlashAnswer)](
        self,
        path: str,
        decoder: msgspec.json.Decoder[T],
        account_id: UUID,
        params: dict[str, Any] | None = None,
    ) -> T:
        query = {"syned_user_id": str(account_id), **(params or {})}
        return self._ask(path, query, lambda answer: _parse_about(answer, decoder, account_id))

    def _ask[T](self, path: str, query: dict[str, Any], parse: Callable[[RawAnswer], T]) -> T:
        for _ in range(self._parse_tries - 1):
            answer = self._transport.send("GET", path, params=query)
            body_of(answer)
            try:
                return parse(answer)
            except BadResponse:
                continue  # a body damaged on its way reads well the next time
        answer = self._transport.send("GET", path, params=query)
        body_of(answer)
        return parse(answer)


def _parse_about[T: (UserAnswer, ScoresAnswer, FlashAnswer)](
    answer: RawAnswer, decoder: msgspec.json.Decoder[T], account_id: UUID
) -> T:
    parsed = _parse(answer, decoder)
    if parsed.syned_user_id is not None and parsed.syned_user_id.lower() != str(account_id):
        raise _bad(answer, "`$.syned_user_id` is that of another account")
    return parsed


def _parse[T](answer: RawAnswer, decoder: msgspec.json.Decoder[T]) -> T:
    try:
        parsed = decoder.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _bad(answer, str(error)) from None
    # Most bodies hold no such escape at all, which the plain search finds out much faster.
    if b"\\u0000" in answer.body and _NUL.search(answer.body):
        raise _bad(answer, "a text holds the character U+0000, which cannot be stored")
    return parsed


def _bad(answer: RawAnswer, problem: str) -> BadResponse:
    return BadResponse(problem, method=answer.method, path=answer.path, status=answer.status, body=answer.body)
