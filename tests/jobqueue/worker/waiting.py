"""Waiting for something to come true, never for a time."""

import time
from collections.abc import Callable

_GIVE_UP = 60.0  # seconds; reached only if something is broken


def eventually(condition: Callable[[], object], what: str, *, seconds: float = _GIVE_UP) -> None:
    """Return as soon as the condition holds.

    Args:
        seconds: until it is given up.

    Raises:
        AssertionError: it does not come true.
    """
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at, f"It does not come true that {what}."
        time.sleep(0.01)
