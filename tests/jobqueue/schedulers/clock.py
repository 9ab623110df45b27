"""A simulated clock that several processes read."""

import struct
from datetime import UTC, datetime
from mmap import mmap
from pathlib import Path

_SECONDS = struct.Struct("d")


class SharedClock:
    """Stands still until it is set."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(bytes(_SECONDS.size))
        with file.open("r+b") as opened:
            self._memory = mmap(opened.fileno(), _SECONDS.size)

    def set(self, moment: datetime) -> None:
        """Everybody's time is this from now on."""
        self._memory[:] = _SECONDS.pack(moment.timestamp())

    def now(self) -> datetime:
        """The time last set."""
        (seconds,) = _SECONDS.unpack(self._memory[:])
        return datetime.fromtimestamp(seconds, UTC)
