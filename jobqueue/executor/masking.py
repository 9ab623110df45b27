"""What the running job must not say: the secrets of the settings and those of its own payload.

A child runs one job at a time, so there is one set of them per process. It is worked out when the job first says
something; a job that is silent costs nothing.
"""

import msgspec

from jobqueue.redaction import known_secrets, redact_text, secrets_in, spellings

_MOST_OWN = 200
"""So many values of a payload are known again in a text; each costs every line that is logged a look."""

_payload: str | None = None
_secrets: tuple[str, ...] | None = None


def begin(payload: str) -> None:
    """Forget the job before; from now on mask what is secret in this payload.

    Args:
        payload: JSON.
    """
    global _payload, _secrets
    _payload, _secrets = payload, None


def masked(text: str) -> str:
    """The text without secrets."""
    return redact_text(text, known())


def known() -> tuple[str, ...]:
    """What to mask now; where no job has run yet, in a web server's process, the settings are asked each time."""
    global _secrets  # noqa: PLW0603
    if _payload is None:
        return known_secrets()
    if _secrets is None:
        _secrets = ()  # whoever is asked for secrets may log
        _secrets = spellings({*known_secrets(), *_own()})
    return _secrets


def _own() -> list[str]:
    if not _payload:
        return []
    try:
        return secrets_in(msgspec.json.decode(_payload))[:_MOST_OWN]
    except (msgspec.DecodeError, RecursionError):
        return []
