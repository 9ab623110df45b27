"""Puts the token onto requests and keeps it out of everything that is printed."""

from requests import PreparedRequest
from requests.auth import AuthBase

from gameplatform.exceptions import NotConfigured


class TokenAuth(AuthBase):
    """An Authorization header of one scheme and token.

    Args:
        scheme: `Bearer`, or whatever the platform calls it.
        token: the secret.

    Raises:
        NotConfigured: no token, or one that no header can carry.
    """

    def __init__(self, scheme: str, token: str) -> None:
        if not token:
            raise NotConfigured("The game platform's token is not set: expected GAME_PLATFORM_API_TOKEN.")
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise NotConfigured(
                "GAME_PLATFORM_API_TOKEN holds a space or a character outside ASCII: "
                "expected the token alone, as the platform gave it."
            )
        self._header = f"{scheme} {token}"

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = self._header
        return request

    def __repr__(self) -> str:
        return "TokenAuth(***)"
