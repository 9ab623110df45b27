"""What commands print: aligned tables that fit a terminal, and JSON for scripts."""

import json
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

WIDTH = 100
"""Where there is no terminal to ask for its own."""
_GAP = "  "
_NARROWEST = 12
_TO_THE_MINUTE = len("2026-11-24 10:12")
# What other commands want to be told is never cut; times lose their seconds, and only then the rest gives way.
_WHOLE = frozenset(
    {"id", "name", "task type", "status", "queue", "fingerprint", "key", "by job", "worker", "check", "zone"}
)
_TIMES = frozenset(
    (
        "created", "due or ended", "started", "scheduled", "next run", "latest run", "last seen", "applied",
        "last time", "last beat",
    )
)  # fmt: skip


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = ()) -> str:
    """The rows under their headings, as far as possible within the terminal's width.

    Args:
        numbers: the headings of the columns that are aligned to the right.
    """
    lines = [list(headings), *([plain(cell) for cell in row] for row in rows)]
    widths = _fitted(headings, [max(len(line[at]) for line in lines) for at in range(len(headings))])
    right = {at for at, heading in enumerate(headings) if heading in numbers}
    times = {at for at, heading in enumerate(headings) if heading in _TIMES}
    return "\n".join(_line(line, widths, right, times) for line in lines)


def table_with_details(
    headings: Sequence[str], rows: Sequence[Sequence[object]], details: Sequence[str], *, numbers: Sequence[str] = ()
) -> str:
    """The rows under their headings, below each what did not fit into columns."""
    heading, *lines = table(headings, rows, numbers=numbers).splitlines()
    found = [heading]
    for line, detail in zip(lines, details, strict=True):
        found += [line, *([indented(detail)] if detail else [])]
    return "\n".join(found)


def table_with_text(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The rows under their headings, nothing cut: the last column is text, which may take several lines."""
    lines = [list(headings), *([plain(cell) for cell in row] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(headings) - 1)]
    said = []
    for *cells, text in lines:
        begin = _GAP.join([*(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)), ""])
        said.append(_filled(text, begin, " " * len(begin)))
    return "\n".join(said)


def indented(text: str, by: int = 4) -> str:
    """One line of any length as several that fit the terminal."""
    return _filled(plain(text), " " * by, " " * by)


def _filled(text: str, first: str, other: str) -> str:
    room = max(_columns(), len(other) + _NARROWEST)
    return textwrap.fill(text, room, initial_indent=first, subsequent_indent=other, break_on_hyphens=False).rstrip()


def _columns() -> int:
    return shutil.get_terminal_size((WIDTH, 0)).columns


def _fitted(headings: Sequence[str], widths: list[int]) -> list[int]:
    least = [_least(heading, width) for heading, width in zip(headings, widths, strict=True)]
    room = _columns() - len(_GAP) * (len(widths) - 1)
    for heads in (_TIMES, frozenset(headings) - _TIMES):
        may = [at for at, heading in enumerate(headings) if heading in heads]
        while sum(widths) > room and (wide := [at for at in may if widths[at] > least[at]]):
            widths[max(wide, key=widths.__getitem__)] -= 1
    return widths


def _least(heading: str, width: int) -> int:
    if heading in _WHOLE:
        return width
    return min(width, _TO_THE_MINUTE if heading in _TIMES else max(_NARROWEST, len(heading)))


def _line(cells: Sequence[str], widths: Sequence[int], right: set[int], times: set[int]) -> str:
    cut = (
        cell[:width] if at in times else cut_to(cell, width)
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
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
