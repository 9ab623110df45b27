"""Chance that repeats: every draw is a pure function of the seed and a key."""

import hashlib
import random
import uuid

_NAMESPACE = uuid.UUID("6f4d2c1e-5b0a-5c3d-9e7f-0a1b2c3d4e5f")


def generator(*key: object) -> random.Random:
    """A random number generator of its own for this key."""
    return random.Random(_text(key))  # noqa: S311  play data, not secrets


def number(*key: object) -> int:
    """One whole number below 2**64 for this key, cheaper than a generator."""
    return int.from_bytes(hashlib.blake2b(_text(key).encode(), digest_size=8).digest())


def identifier(*key: object) -> uuid.UUID:
    """The UUID (version 5) that belongs to this key."""
    return uuid.uuid5(_NAMESPACE, _text(key))


def _text(key: tuple[object, ...]) -> str:
    return "/".join(map(str, key))
