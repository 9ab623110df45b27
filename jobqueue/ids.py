"""Job ids: UUID version 7 (RFC 9562), which sort by the time they were made."""

import os
import time
from datetime import datetime
from uuid import UUID

_RANDOM_BITS = 62
_last = 0


def uuid7() -> UUID:
    """A new id: 48 bits of milliseconds, 12 bits of their fraction, 62 random bits; strictly growing per process.

    The sub-millisecond fraction is method 3 of RFC 9562, section 6.2.
    """
    global _last  # noqa: PLW0603  one counter per process keeps ids of one burst in order
    stamp = time.time_ns() * 4096 // 1_000_000
    _last = stamp = stamp if stamp > _last else _last + 1
    high = (stamp >> 12) << 16 | 0x7000 | (stamp & 0xFFF)
    low = 0x8000_0000_0000_0000 | int.from_bytes(os.urandom(8)) >> (64 - _RANDOM_BITS)
    return UUID(int=high << 64 | low)


def first_id_at(moment: datetime) -> UUID:
    """The smallest id that can be made at this time: all ids made before are smaller."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
