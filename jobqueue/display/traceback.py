"""A traceback to read: the frames of one's own code stand out, libraries step back. Its text stays as it is."""

import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from jobqueue.display.visible import visible
from jobqueue.redaction import redact_text

_FRAME = re.compile(r'[ |+-]*File "([^"\n]*)", line \d+')
_PARTS_OF_LIBRARIES = ("site-packages", "dist-packages", "<frozen", "/lib/python3", sysconfig.get_path("stdlib"))
_QUEUE = str(Path(__file__).resolve().parents[2])


def traceback_html(text: str) -> SafeString:
    """The traceback with a span for each frame, secrets masked."""
    return format_html_join(
        "", '<span class="jq-frame-{}">{}</span>', _pieces(visible(redact_text(text)).splitlines(keepends=True))
    )


def _pieces(lines: list[str]) -> Iterator[tuple[str, str]]:
    kind, piece = "", ""
    for line in lines:
        found = _FRAME.match(line)
        if found is not None or not _belongs_to_frame(line):
            if piece:
                yield kind or "none", piece
            kind, piece = _kind(found[1]) if found else "none", ""
        piece += line
    if piece:
        yield kind or "none", piece


def _kind(path: str) -> str:
    is_library = path.startswith(_QUEUE) or any(part in path for part in _PARTS_OF_LIBRARIES)
    return "library" if is_library else "own"


def _belongs_to_frame(line: str) -> bool:
    # The source and the marks below it are indented deeper than the frame.
    return line.lstrip(" |").startswith(("~", "^")) or re.match(r"[ |+-]*    ", line) is not None
