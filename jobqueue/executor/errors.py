"""Turning whatever a handler raised into a code, a message and a traceback that can be stored."""

import traceback

from jobqueue.executor.masking import masked

_LONGEST_MESSAGE = 2_000
_LONGEST_TRACEBACK = 32_000
_LONGEST_READ = 100_000
"""Of each end of an endless text; so much more than is kept that no secret is cut before it is seen."""


def class_of(error: BaseException) -> str:
    """The dotted path of the error's class, such as `requests.exceptions.ConnectionError`; at most 255 characters."""
    kind = type(error)
    try:
        # A built-in exception is known by its name alone.
        path = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        return storable(path)[:255]
    except Exception:  # noqa: BLE001  a metaclass is the handler's code, too
        return "Exception"


def own_code_of(error: BaseException) -> str:
    """The error's own `error_code`, at most 64 characters; empty if it has none."""
    try:
        own = getattr(error, "error_code", None)
        return storable(own)[:64] if isinstance(own, str) else ""
    except Exception:  # noqa: BLE001  a property is the handler's code, too
        return ""


def code_of(error: BaseException) -> str:
    """The error's own `error_code` if it has one, else a general code, else its class name; at most 64 characters."""
    own = own_code_of(error)
    if own:
        return own
    if isinstance(error, TimeoutError):
        return "TIMEOUT"
    if isinstance(error, ConnectionError):
        return "NETWORK_ERROR"
    return type(error).__name__[:64]


def message_of(error: BaseException) -> str:
    """What the error says, shortened, secrets masked; its class name if it says nothing or cannot even say it."""
    try:
        text = str(error)
    except Exception as worse:  # noqa: BLE001  its __str__ is the handler's code, too
        text = f"{type(error).__name__} (its message raised {type(worse).__name__})"
    return _kept(text or type(error).__name__, _LONGEST_MESSAGE)


def traceback_of(error: BaseException) -> str:
    """The whole traceback, secrets masked, the middle of a very long one dropped."""
    try:
        text = "".join(traceback.format_exception(error))
    except Exception:  # noqa: BLE001  as above
        text = "".join(traceback.format_tb(error.__traceback__))
    return _kept(text, _LONGEST_TRACEBACK)


def storable(text: str) -> str:
    """The text without what PostgreSQL cannot hold: NUL and halves of surrogate pairs."""
    return text.replace("\0", "␀").encode("utf-8", "replace").decode()


def _kept(text: str, longest: int) -> str:
    cut = len(text) - 2 * _LONGEST_READ
    if cut <= 0:
        head, tail = masked(text), ""
    else:
        head, tail = masked(text[:_LONGEST_READ]), masked(text[-_LONGEST_READ:])
    length, half = len(head) + max(cut, 0) + len(tail), longest // 2
    if length <= longest:
        return storable(head)
    return storable(f"{head[:half]}\n… {length - 2 * half} characters dropped …\n{(tail or head)[-half:]}")
