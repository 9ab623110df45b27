"""JSON text read so that nothing is lost, masked, and written again for people."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from jobqueue.display.stored import Stored
from jobqueue.display.visible import visible, visible_json
from jobqueue.redaction import known_secrets, redact, redact_text

_MORE_THAN_SHOWN = 2_000
"""The end of what was read may be the beginning of a secret."""


class Number(str):
    """A number as it was written: Python's own may have other digits, or none for so many."""

    __slots__ = ()


class UnreadableError(Exception):
    """Too long or too deep to be read as a whole."""


def document(stored: Stored) -> Any:
    """The value, secrets masked, its numbers as `Number`.

    Raises:
        UnreadableError: show its text instead.
    """
    if not stored.is_whole:
        raise UnreadableError
    try:
        value = redact(json.loads(stored.text, parse_int=Number, parse_float=Number))
        return _with_masked_keys(value, known_secrets())
    except (RecursionError, ValueError) as error:
        raise UnreadableError from error


def beginning(stored: Stored, most: int) -> str:
    """So much of the text as is stored, masked by what secrets look like."""
    masked = redact_text(stored.text[: most + _MORE_THAN_SHOWN])
    return visible(masked[:most])


def pretty(stored: Stored) -> str:
    """All of it that was read, indented and masked, as a file."""
    try:
        return "".join(_written(document(stored), "\n"))
    except UnreadableError:
        whole = stored.is_whole
        text = beginning(stored, len(stored.text) - (0 if whole else _MORE_THAN_SHOWN))
        return text if whole else f"{text}\n… cut here, of {stored.length:,} characters"


def literal(value: Any) -> str:
    """A scalar as JSON has it."""
    return value if isinstance(value, Number) else visible_json(json.dumps(value, ensure_ascii=False))


def _with_masked_keys(value: Any, secrets: Sequence[str]) -> Any:
    if isinstance(value, dict):
        return {redact_text(key, secrets): _with_masked_keys(inner, secrets) for key, inner in value.items()}
    return [_with_masked_keys(inner, secrets) for inner in value] if isinstance(value, list) else value


def _written(value: Any, line: str) -> Iterator[str]:
    # No deeper than `redact` goes.
    if not isinstance(value, dict | list) or not value:
        yield literal(value)
        return
    deeper = f"{line}  "
    keyed = isinstance(value, dict)
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    yield "{" if keyed else "["
    for n, (key, inner) in enumerate(entries):
        yield f"{',' if n else ''}{deeper}{f'{literal(key)}: ' if keyed else ''}"
        yield from _written(inner, deeper)
    yield f"{line}{'}' if keyed else ']'}"
