"""What callers changed, kept in a file, so that a restarted simulator is the same platform as before."""

from pathlib import Path

import msgspec
from msgspec import Raw, Struct


class Header(Struct, frozen=True, kw_only=True):
    """First line: which world this is, and when it opened (unix seconds)."""

    seed: int
    competitors: int
    coaches: int
    opened_at: int


class Entry(Struct, frozen=True, kw_only=True):
    """Every other line: a call that changed something, and the clock's time at it."""

    at: int
    path: str
    body: Raw


class JournalError(Exception):
    """The file is not the journal of this world."""


class Journal:
    """A file of one JSON object a line, written through to the system call by call.

    Args:
        path: the file, made when absent. A last line cut short by a kill is dropped.
        header: the world asked for; the file's own `opened_at` wins over the one given.

    Raises:
        JournalError: the file is of another world, or is no journal.
    """

    def __init__(self, path: Path, header: Header) -> None:
        whole = _whole_lines(path)
        try:
            self.header = msgspec.json.decode(whole[0], type=Header) if whole else header
            self.entries = [msgspec.json.decode(line, type=Entry) for line in whole[1:]]
        except msgspec.DecodeError as error:
            raise JournalError(f"{path} is not a journal of the simulator: {error}") from None
        if msgspec.structs.replace(header, opened_at=self.header.opened_at) != self.header:
            raise JournalError(
                f"{path} belongs to a world of seed {self.header.seed}, {self.header.competitors} students "
                f"and {self.header.coaches} coaches; start with those or with another file."
            )
        self._file = path.open("ab", buffering=0)
        self._file.truncate(sum(map(len, whole)))
        if not whole:
            self._file.write(msgspec.json.encode(self.header) + b"\n")

    @property
    def latest(self) -> int:
        """The latest time in the file (unix seconds); the clock may not start before it."""
        return max((entry.at for entry in self.entries), default=self.header.opened_at)

    def write(self, at: int, path: str, body: bytes) -> None:
        """Add one call; `body` is its JSON object."""
        packed = msgspec.json.format(body, indent=-1)
        self._file.write(msgspec.json.encode(Entry(at=at, path=path, body=Raw(packed))) + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _whole_lines(path: Path) -> list[bytes]:
    if not path.exists():
        return []
    return [line for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
