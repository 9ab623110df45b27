"""`manage.py` brings its database along."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coachdash.postgres.binaries import BIN_VARIABLE
from coachdash.postgres.paths import CHECKOUT, DIRECTORY_VARIABLE

from .processes import eventually, is_gone


@pytest.fixture
def manage(open_folder: Path) -> Path:
    """A `manage.py` whose `.env` is not the developer's."""
    return Path(shutil.copy(CHECKOUT / "manage.py", open_folder))


def run(manage: Path, directory: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: text for name, text in os.environ.items() if name != "DATABASE_URL"}
    places = {"PYTHONPATH": str(CHECKOUT), DIRECTORY_VARIABLE: str(directory)}
    return subprocess.run(
        [sys.executable, manage, "version"],
        env={**inherited, **places, **variables},
        capture_output=True,
        text=True,
    )


def test_a_command_starts_the_database_and_leaves_nothing_running(manage: Path, directory: Path) -> None:
    done = run(manage, directory)

    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert (directory / "data" / "PG_VERSION").exists()
    assert eventually(lambda: is_gone(directory))


def test_a_database_url_in_the_environment_is_used_instead(manage: Path, directory: Path) -> None:
    done = run(manage, directory, DATABASE_URL="postgres://user@host/name")
    assert (done.returncode, done.stderr) == (0, "")
    assert not directory.exists()


def test_a_database_url_in_the_env_file_is_used_instead(manage: Path, directory: Path) -> None:
    manage.with_name(".env").write_text("DATABASE_URL=postgres://user@host/name\n")
    done = run(manage, directory)
    assert (done.returncode, done.stderr) == (0, "")
    assert not directory.exists()


def test_what_is_missing_is_said_in_a_sentence(manage: Path, directory: Path) -> None:
    done = run(manage, directory, **{BIN_VARIABLE: str(directory)})
    assert done.returncode == 1
    assert done.stderr.startswith("No PostgreSQL programs (version 15 or newer) were found in")
    assert done.stderr.count("\n") == 1
