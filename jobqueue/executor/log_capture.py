"""Keeps what is logged while a job runs: the first lines at once, of a long log then only the last ones."""

import logging
import threading
from collections import deque

from jobqueue.executor.errors import message_of, storable

type Line = tuple[int, float, str, str]
"""Number, seconds since 1970, level, text."""

_LONGEST_LINE = 8_000


class LogCapture(logging.Handler):
    """A handler for the root logger of a child."""

    def __init__(self, most_lines: int) -> None:
        """Keep at most `most_lines` lines per attempt: half from its beginning, half from its end."""
        super().__init__(logging.INFO)
        self._half = max(1, most_lines // 2)
        self._guard = threading.Lock()
        self._on = False
        self.begin()
        self._on = False

    def begin(self) -> None:
        """Forget the attempt before and keep what comes."""
        self._fresh: list[Line] = []
        self._tail: deque[Line] = deque(maxlen=self._half)
        self._count = 0
        self._on = True

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record; called by `logging` from any thread."""
        if not self._on:
            return
        try:
            text = storable(self.format(record))[:_LONGEST_LINE]
        except Exception as error:  # noqa: BLE001  logging never fails the code that logs
            text = f"This line cannot be formatted: {message_of(error)}"
        with self._guard:
            self._count += 1
            line = (self._count, record.created, record.levelname[:8], text)
            if self._count <= self._half:
                self._fresh.append(line)
            else:
                self._tail.append(line)

    def take(self) -> list[Line]:
        """The lines since the last call that are sure to be kept."""
        with self._guard:
            lines, self._fresh = self._fresh, []
        return lines

    def end(self) -> list[Line]:
        """The rest of the attempt's lines, with one that says how many were dropped between."""
        self._on = False
        lines = self.take()
        tail = list(self._tail)
        dropped = self._count - self._half - len(tail)
        if dropped > 0:
            number, time, *_ = tail[0]
            lines.append((number - 1, time, "WARNING", f"… {dropped} lines dropped …"))
        return lines + tail
