"""Turning whatever a handler raised into a code, a message and a traceback that can be stored."""

import traceback

_LONGEST_MESSAGE = 2_000
_LONGEST_TRACEBACK = 32_000


def code_of(error: BaseException) -> str:
    """The error's own `error_code` if it has one, else a general code, else its class name; at most 64 characters."""
    own = getattr(error, "error_code", None)
    if isinstance(own, str) and own:
        return storable(own)[:64]
    if isinstance(error, TimeoutError):
        return "TIMEOUT"
    if isinstance(error, ConnectionError):
        return "NETWORK_ERROR"
    return type(error).__name__[:64]


def message_of(error: BaseException) -> str:
    """What the error says, shortened; its class name if it says nothing or cannot even say it."""
    try:
        text = str(error)
    except Exception as worse:  # noqa: BLE001  its __str__ is the handler's code, too
        text = f"{type(error).__name__} (its message raised {type(worse).__name__})"
    return storable(_shortened(text or type(error).__name__, _LONGEST_MESSAGE))


def traceback_of(error: BaseException) -> str:
    """The whole traceback, the middle of a very long one dropped."""
    try:
        text = "".join(traceback.format_exception(error))
    except Exception:  # noqa: BLE001  as above
        text = "".join(traceback.format_tb(error.__traceback__))
    return storable(_shortened(text, _LONGEST_TRACEBACK))


def storable(text: str) -> str:
    """The text without what PostgreSQL cannot hold: NUL and halves of surrogate pairs."""
    return text.replace("\0", "␀").encode("utf-8", "replace").decode()


def _shortened(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters dropped …\n{text[-half:]}"
