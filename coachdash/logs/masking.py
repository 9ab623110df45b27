"""The last step before a line is written: nothing secret, nothing that says who somebody is, nothing unprintable."""

from typing import Any

from structlog.typing import EventDict, WrappedLogger

from jobqueue.logs import masked, masked_json

# Of Django's own records: the request with its query, its cookies and its user; statements with their values.
_UNWANTED = ("request", "server_time", "sql", "params", "alias")
_PLAIN = (str, int, float, bool, type(None), dict, list, tuple)


def mask_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Mask every text of the line."""
    for name in _UNWANTED:
        event.pop(name, None)
    plain: dict[str, Any] = {key: value if isinstance(value, _PLAIN) else str(value) for key, value in event.items()}
    hidden: dict[str, Any] = masked_json(plain)
    for key in ("event", "exception"):  # whole texts, in which a secret may stand anywhere
        if isinstance(hidden.get(key), str):
            hidden[key] = masked(hidden[key])
    return hidden
