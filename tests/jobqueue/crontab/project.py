"""A checkout whose `manage.py crontab` is called as from a shell, with a table of its own in place of the user's."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[3]
_FAKE = Path(__file__).with_name("fake_crontab.sh")


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command left behind."""

    status: int
    out: str
    err: str


class Project:
    """One checkout; several may share a table."""

    def __init__(self, folder: Path, *, path: Path = ROOT) -> None:
        """
        Args:
            folder: the table is kept here; empty, or that of another checkout's.
            path: the checkout.
        """
        self.path = path
        self._folder = folder
        self.table = folder / "table"
        programs = folder / "programs"
        programs.mkdir(exist_ok=True)
        shutil.copy(_FAKE, programs / "crontab")
        (programs / "crontab").chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "FAKE_CRONTAB": str(self.table),
            "TMPDIR": str(folder),  # locks are kept there
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": "300",
        }

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Call the command from a folder that is nobody's project, and go on meanwhile."""
        return subprocess.Popen(
            [sys.executable, str(self.path / "manage.py"), "crontab", *arguments],
            cwd=self._folder,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def crontab(self, *arguments: str, **variables: str) -> Said:
        """The same, to its end."""
        return said_by(self.start(*arguments, **variables))

    def add(self) -> list[str]:
        """Install the entries; returns all lines of the table."""
        said = self.crontab("add")
        assert said.status == 0, said.err
        return self.lines()

    def set(self, **values: object) -> None:
        """Have other values in the settings."""
        texts = [f"{name} = {value!r}\n" for name, value in values.items()]
        (self._folder / "own_settings.py").write_text("from tests.settings import *\n" + "".join(texts))
        self.environment |= {"DJANGO_SETTINGS_MODULE": "own_settings", "PYTHONPATH": str(self._folder)}

    def lines(self) -> list[str]:
        """The lines of the table."""
        return self.table.read_text().splitlines()

    def calls(self) -> list[str]:
        """What the `crontab` program was asked, in order."""
        log = Path(f"{self.table}.calls")
        return log.read_text().split() if log.exists() else []


def said_by(process: subprocess.Popen[str]) -> Said:
    """What it says until its end."""
    with process:
        try:
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()
    return Said(status=process.returncode, out=out, err=err)


def hash_of(job: Sequence[object]) -> str:
    """By which a line names an entry of CRONJOBS; as the package does it."""
    return hashlib.md5(json.dumps(job, sort_keys=True).encode(), usedforsecurity=False).hexdigest()


def copied(to: Path) -> Path:
    """A copy of this checkout without anybody's `.env` and data; returns where it is."""
    to.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in ("jobqueue", "gameplatform", "coachdash", "templates"):
        shutil.copytree(ROOT / name, to / name, ignore=ignored)
    for name in ("manage.py", ".env.example"):
        shutil.copy(ROOT / name, to / name)
    return to


def commands(lines: list[str]) -> Iterator[str]:
    """What cron gives to the shell for these lines: all before the first % that no backslash escapes."""
    for line in lines:
        yield re.split(r"(?<!\\)%", line.split(maxsplit=5)[5])[0].replace(r"\%", "%")
