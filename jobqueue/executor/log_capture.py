"""Keeps what is logged while a job runs: the first lines at once, of a long log then only the last ones."""

import logging
import threading
from collections import deque

from jobqueue.executor.errors import message_of, storable
from jobqueue.executor.masking import masked

type Line = tuple[int, float, str, str]
"""Number, seconds since 1970, level, text."""

type _Kept = tuple[int, logging.LogRecord, str | None]
# Number, record, and its text if that cannot wait until it is needed.

_LONGEST_LINE = 8_000
_LONGEST_READ = 10_000
"""Of an endless line; so much more than is kept that no secret is cut before it is seen."""
_MOST_ARGUMENTS = 20
_LONGEST_ARGUMENT = 1_000
_IMMUTABLE = frozenset({str, int, float, bool, type(None)})


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
        self._fresh: list[_Kept] = []
        self._tail: deque[_Kept] = deque(maxlen=self._half)
        self._count = 0
        self._on = True

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record; called by `logging` from any thread."""
        if not self._on:
            return
        # Most lines of a long log push each other out again: what says the same later is not formatted yet.
        text = None if self._count >= self._half and _can_wait(record) else self._text(record)
        with self._guard:
            self._count += 1
            (self._fresh if self._count <= self._half else self._tail).append((self._count, record, text))

    def take(self) -> list[Line]:
        """The lines since the last call that are sure to be kept."""
        with self._guard:
            fresh, self._fresh = self._fresh, []
        return [self._line(kept) for kept in fresh]

    def end(self) -> list[Line]:
        """The rest of the attempt's lines, with one that says how many were dropped between."""
        self._on = False
        lines = self.take()
        with self._guard:
            tail = list(self._tail)
        dropped = self._count - self._half - len(tail)
        if dropped > 0:
            number, record, _ = tail[0]
            lines.append((number - 1, record.created, "WARNING", f"… {dropped} lines dropped …"))
        return lines + [self._line(kept) for kept in tail]

    def _line(self, kept: _Kept) -> Line:
        number, record, text = kept
        return number, record.created, record.levelname[:8], self._text(record) if text is None else text

    def _text(self, record: logging.LogRecord) -> str:
        try:
            text = self.format(record)
            read = masked(text[:_LONGEST_READ])
            if len(text) > _LONGEST_READ:
                # The end of what was read may be the beginning of a secret.
                read = read[: _LONGEST_LINE - _LONGEST_READ]
            return storable(read[:_LONGEST_LINE])
        except Exception as error:  # noqa: BLE001  logging never fails the code that logs
            return f"This line cannot be formatted: {message_of(error)}"


def _can_wait(record: logging.LogRecord) -> bool:
    """Whether the record will say the same later as now, and is small enough to be kept as it is."""
    arguments = record.args
    return (
        record.exc_info is None
        and record.stack_info is None
        and type(record.msg) is str
        and len(record.msg) <= _LONGEST_LINE
        and (not arguments or (type(arguments) is tuple and len(arguments) <= _MOST_ARGUMENTS))
        and all(
            type(one) in _IMMUTABLE and (type(one) is not str or len(one) <= _LONGEST_ARGUMENT)
            for one in arguments or ()
        )
    )
