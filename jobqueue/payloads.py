"""The base type of payloads, and their checked way from a caller's value to JSON and back."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec


class Payload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What a handler receives. Subclass it as `class SyncPayload(Payload, frozen=True)`; JSON names are
    camelCase.

    An unknown field, a missing one or one of another type is refused when the job is enqueued.
    """


class NoPayload(Payload, frozen=True):
    """The payload of a task type whose handler takes only the job."""


_encoder = msgspec.json.Encoder()
# The escape of NUL, not an escaped backslash before the letters u0000.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def to_json(payload: Any, payload_type: type[Payload]) -> str:
    """The checked payload as JSON text.

    Args:
        payload: an instance of the payload type, or a mapping with its JSON names.

    Raises:
        msgspec.ValidationError: it does not fit; the message names the field.
        TypeError, ValueError, RecursionError: it holds what JSON cannot.
    """
    if isinstance(payload, Mapping):
        payload = msgspec.convert(dict(payload), payload_type)
    elif not isinstance(payload, payload_type):
        raise msgspec.ValidationError(f"Expected {payload_type.__name__} or a mapping, got {type(payload).__name__}")
    encoded = _encoder.encode(payload)
    # Read as the handler will: Struct constructors do not check types, and infinity and NaN become null in JSON.
    msgspec.json.decode(encoded, type=payload_type)
    if holds_nul(encoded):
        raise msgspec.ValidationError("PostgreSQL cannot store the character U+0000")
    return encoded.decode()


def holds_nul(encoded: bytes) -> bool:
    """Whether a text in this JSON holds the character U+0000, which PostgreSQL's jsonb refuses."""
    return _NUL.search(encoded) is not None
