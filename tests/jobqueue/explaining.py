"""Plans that PostgreSQL explains as JSON."""

from collections.abc import Iterator
from typing import Any


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's steps: itself, and all below it."""
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)
