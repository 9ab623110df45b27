"""A JSON value as a tree that folds, no larger than somebody reads: what is left out is said, and is in the text."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from jobqueue.display.document import Number, UnreadableError, beginning, document, literal
from jobqueue.display.stored import Stored

MOST_NODES = 300
MOST_CHARACTERS = 12_000
LONGEST_TEXT = 2_000
DEEPEST = 12
_OPEN_TO = 2
_SHORT = 60
_BEGINNING = 4_000


@dataclass(frozen=True, kw_only=True)
class Tree:
    """The tree, and whether it is all."""

    html: SafeString
    is_cut: bool
    length: int
    """Characters of the whole as it is stored."""


@dataclass(kw_only=True)
class _Room:
    """What may still be shown."""

    nodes: int = MOST_NODES
    characters: int = MOST_CHARACTERS
    is_cut: bool = False

    @property
    def is_full(self) -> bool:
        return self.nodes <= 0 or self.characters <= 0


def tree(stored: Stored) -> Tree:
    """The value to look at; what cannot be read as a whole, as the beginning of its text."""
    room = _Room()
    try:
        html = _node(document(stored), SafeString(""), 0, room)
    except UnreadableError:
        html = format_html('<bdi dir="ltr" class="jq-json-text">{}</bdi>', beginning(stored, _BEGINNING))
        room.is_cut = stored.length > _BEGINNING
    return Tree(html=html, is_cut=room.is_cut, length=stored.length)


def _node(value: Any, name: SafeString, depth: int, room: _Room) -> SafeString:
    room.nodes -= 1
    if not isinstance(value, dict | list):
        return format_html("{}{}", name, _leaf(value, room))
    if (short := _in_a_line(value, depth)) is not None:
        room.characters -= len(short)
        return format_html('{}<bdi dir="ltr">{}</bdi>', name, short)
    size = f"{len(value):,} {'key' if isinstance(value, dict) else 'item'}{'' if len(value) == 1 else 's'}"
    if depth >= DEEPEST:
        room.is_cut = True
        return format_html('{}<span class="jq-note">… {}, too deep for here</span>', name, size)
    return format_html(
        '<details{}><summary>{}{} <span class="jq-note">{}</span></summary><ul>{}</ul></details>',
        SafeString(" open") if depth < _OPEN_TO else "",
        name,
        "{" if isinstance(value, dict) else "[",
        size,
        _entries(value, depth, room),
    )


def _entries(value: dict[str, Any] | list[Any], depth: int, room: _Room) -> SafeString:
    shown: list[SafeString] = []
    pairs: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        if room.is_full:
            room.is_cut = True
            shown.append(format_html('<span class="jq-note">… {} more</span>', f"{len(value) - len(shown):,}"))
            break
        shown.append(_node(inner, _name(key, room), depth + 1, room))
    return format_html_join("", "<li>{}</li>", ((one,) for one in shown))


def _name(key: str | int, room: _Room) -> SafeString:
    if isinstance(key, int):
        return format_html('<span class="jq-json-at">{}</span> ', key)
    return format_html('<bdi dir="ltr" class="jq-json-key">{}</bdi>: ', _cut(literal(key), room))


def _leaf(value: Any, room: _Room) -> SafeString:
    kind = "text" if isinstance(value, str) and not isinstance(value, Number) else "scalar"
    return format_html('<bdi dir="ltr" class="jq-json-{}">{}</bdi>', kind, _cut(literal(value), room))


def _cut(text: str, room: _Room) -> str:
    most = max(0, min(LONGEST_TEXT, room.characters))
    room.characters -= len(text)
    if len(text) <= most:
        return text
    room.is_cut = True
    return f"{text[:most]}… {len(text) - most:,} more characters"


def _in_a_line(value: dict[str, Any] | list[Any], depth: int) -> str | None:
    """A small container without containers, as JSON; None if it is not so small."""
    inner = list(value.values()) if isinstance(value, dict) else value
    if len(inner) > _SHORT // 4 or any(isinstance(one, dict | list) and one for one in inner):
        return None
    if sum(len(one) for one in inner if isinstance(one, str)) > _SHORT:
        return None
    parts = (
        [f"{literal(key)}: {_flat(one)}" for key, one in value.items()]
        if isinstance(value, dict)
        else [_flat(one) for one in inner]
    )
    text = ", ".join(parts)
    if len(text) > _SHORT or (depth == 0 and text):
        return None
    return f"{{{text}}}" if isinstance(value, dict) else f"[{text}]"


def _flat(value: Any) -> str:
    return ("{}" if isinstance(value, dict) else "[]") if isinstance(value, dict | list) else literal(value)
