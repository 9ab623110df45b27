"""The expectations, read from the tables beside this file: one line per door, one word per role."""

from collections.abc import Sequence
from pathlib import Path

from .roles import PEOPLE, TOKENS

_SITE, _API = Path(__file__).with_name("site.txt"), Path(__file__).with_name("api.txt")


def columns(name: str) -> Sequence[str]:
    """The roles that a door's line speaks of. Tokens open the API alone; elsewhere `a token` stands for all."""
    return (*PEOPLE, *TOKENS) if " /api/" in name else (*PEOPLE, "a token")


def expectations() -> dict[str, Sequence[str]]:
    """By the door's name: a word per role, in the order of `columns`."""
    lines = [line for path in (_SITE, _API) for line in path.read_text().splitlines() if line and line[0] != "#"]
    found: dict[str, Sequence[str]] = {}
    for line in lines:
        method, route, *words = line.split()
        name = f"{method} {route}"
        assert name not in found, f"{name} has two lines"
        assert len(words) == len(columns(name)), f"{name}: expected a word for each of {', '.join(columns(name))}"
        found[name] = words
    return found
