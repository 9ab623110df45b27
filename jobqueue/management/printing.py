"""What commands print: aligned tables that fit a terminal, and JSON for scripts."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

WIDTH = 100
_GAP = "  "
_NARROWEST = 6


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = ()) -> str:
    """The rows under their headings, no line longer than `WIDTH`; the widest columns are cut.

    Args:
        numbers: the headings of the columns that are aligned to the right.
    """
    lines = [list(headings), *([plain(cell) for cell in row] for row in rows)]
    widths = _fitted([max(len(line[at]) for line in lines) for at in range(len(headings))])
    right = {at for at, heading in enumerate(headings) if heading in numbers}
    return "\n".join(_line(line, widths, right) for line in lines)


def _fitted(widths: list[int]) -> list[int]:
    while sum(widths) + len(_GAP) * (len(widths) - 1) > WIDTH and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _line(cells: Sequence[str], widths: Sequence[int], right: set[int]) -> str:
    cut = (cut_to(cell, width) for cell, width in zip(cells, widths, strict=True))
    aligned = [
        cell.rjust(width) if at in right else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(cut, widths, strict=True))
    ]
    return _GAP.join(aligned).rstrip()


def cut_to(text: str, width: int) -> str:
    """The text, its end replaced by dots if it is longer."""
    return text if len(text) <= width else text[: width - 3] + "..."


def plain(value: object) -> str:
    """One line that no terminal takes for a command."""
    text = "" if value is None else str(value)
    return "".join(letter if letter.isprintable() else " " for letter in text)


def plain_lines(text: str) -> str:
    """The same, line by line."""
    return "\n".join(plain(line.replace("\t", "    ")) for line in text.splitlines())


def seconds(moment: datetime | None) -> str:
    """The time in the zone in force, such as "2026-11-24 10:12:05"; a dash for none."""
    return "-" if moment is None else f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}"


def iso(moment: datetime | None) -> str | None:
    """The time in UTC as JSON has it, such as "2026-11-24T10:12:05.123456Z"."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def as_json(value: Any) -> str:
    """For scripts: in ASCII, whatever the terminal."""
    return json.dumps(value, indent=2, default=str)
