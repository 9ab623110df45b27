"""Directories for clusters, emptied of processes and files afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from coachdash import postgres
from coachdash.postgres.binaries import BIN_VARIABLE, Binaries, find

from .processes import eventually, is_gone

DEBIAN = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp()).resolve()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def directory(open_folder: Path) -> Iterator[Path]:
    """Where a cluster may be made; a server in it is stopped at the end."""
    directory = open_folder / "cluster"
    yield directory
    cleared(directory)


@pytest.fixture(scope="module")
def running() -> Iterator[Path]:
    """A running cluster that the tests of a module share."""
    folder = Path(tempfile.mkdtemp()).resolve()
    folder.chmod(0o755)
    directory = folder / "cluster"
    postgres.ensure_running(directory, fast=True)
    yield directory
    cleared(directory)
    shutil.rmtree(folder)


@pytest.fixture(params=["preferred", "Debian's 15"])
def programs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Binaries:
    """The programs of each PostgreSQL at hand, which `ensure_running` then uses."""
    if request.param == "Debian's 15":
        if not DEBIAN.exists():
            pytest.skip(f"Debian's PostgreSQL 15 is not installed in {DEBIAN}")
        monkeypatch.setenv(BIN_VARIABLE, str(DEBIAN))
    return find()


def cleared(directory: Path) -> None:
    """Stops what runs in the directory."""
    postgres.leave(directory)
    postgres.stop(directory)
    assert not directory.exists() or eventually(lambda: is_gone(directory))
