"""Every error of this package: what a call to the game platform can end with, and a wrong setting."""

# ruff: noqa: N818  HTTP's own words say more than an Error behind each of them

_EXCERPT_CHARS = 200
_FIRST_ERROR_STATUS = 400


class GamePlatformError(Exception):
    """The base. `error_code` is the short word that jobs are retried, grouped and shown by."""

    error_code = "GAME_PLATFORM_ERROR"


class NotConfigured(GamePlatformError):
    """The integration lacks its token or provider, so that no call can be made."""

    error_code = "NOT_CONFIGURED"


class IntegrationDisabled(GamePlatformError):
    """An operator switched the integration off."""

    error_code = "DISABLED"


class UnknownScope(GamePlatformError):
    """A job is for an organization or a coach that does not exist, or for a coach of another organization."""

    error_code = "UNKNOWN_SCOPE"


class CallError(GamePlatformError):
    """One call failed.

    Args:
        problem: what happened, without a full stop.
        method: the HTTP method.
        path: the path below the API's base address.
        status: the HTTP status, None if there was no answer.
        body: the answer's body; only its beginning is kept.
    """

    error_code = "CALL_ERROR"

    def __init__(self, problem: str, *, method: str, path: str, status: int | None = None, body: bytes = b"") -> None:
        self.problem = problem
        self.method = method
        self.path = path
        self.status = status
        self.excerpt = _excerpt(body)
        super().__init__(problem, method, path, status)

    def __str__(self) -> str:
        answered = "" if self.status is None else f" answered {self.status}"
        # A good status comes with somebody's data, which does not belong into logs.
        refused = self.status is not None and self.status >= _FIRST_ERROR_STATUS
        excerpt = f" (body: {self.excerpt})" if self.excerpt and refused else ""
        return f"{self.method} {self.path}{answered}: {self.problem}{excerpt}"


class Unauthorized(CallError):
    """The platform does not accept the token: no call of anybody will succeed."""

    error_code = "AUTH_ERROR"


class Forbidden(CallError):
    """Not allowed for this account, which on MetaCTF means that it is not approved."""

    error_code = "FORBIDDEN"


class NotFound(CallError):
    """The platform does not know this account."""

    error_code = "NOT_FOUND"


class Rejected(CallError):
    """The platform refuses the request itself; sending it again cannot help."""

    error_code = "VALIDATION_ERROR"


class BadResponse(CallError):
    """The answer is not what the API promises; the problem names the field."""

    error_code = "BAD_RESPONSE"


class TransientError(CallError):
    """Something that usually passes by itself; the call was already repeated as often as allowed."""


class Unavailable(TransientError):
    """No answer, or the answer of a broken server (5xx)."""

    error_code = "NETWORK_ERROR"


class TimedOut(Unavailable):
    """The connection or the answer took too long."""

    error_code = "TIMEOUT"


class RateLimited(TransientError):
    """Too many calls.

    Args:
        retry_after: how many seconds the platform asks to wait, None if it does not say.
    """

    error_code = "RATE_LIMIT"

    def __init__(
        self,
        problem: str,
        *,
        method: str,
        path: str,
        status: int | None = None,
        body: bytes = b"",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(problem, method=method, path=path, status=status, body=body)
        self.retry_after = retry_after


def _excerpt(body: bytes) -> str:
    text = " ".join(body[: _EXCERPT_CHARS * 4].decode("utf-8", "replace").split())
    # NUL could not be stored with the job.
    text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return text if len(text) <= _EXCERPT_CHARS else f"{text[:_EXCERPT_CHARS]}…"
