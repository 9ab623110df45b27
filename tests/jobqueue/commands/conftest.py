"""Commands called as the shell calls them: what they print where, and the exit status."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class
from django.db import connection

from tests.jobqueue.worker.processes import ROOT


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, for scripts."""
        return json.loads(self.out)


type Shell = Callable[..., Said]


@pytest.fixture
def shell(transactional_db: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Calls a command in this process, by the way that manage.py takes: `shell("list_jobs", "--json")`."""
    monkeypatch.setenv("COLUMNS", "100")  # whatever terminal the tests run in

    def call(name: str, *arguments: str) -> Said:
        capsys.readouterr()
        command = load_command_class(get_commands()[name], name)
        status = 0
        try:
            command.run_from_argv(["manage.py", name, *arguments])
        except SystemExit as end:
            status = int(end.code or 0)
        said = capsys.readouterr()
        return Said(status=status, out=said.out, err=said.err)

    return call


def environment(**variables: str) -> dict[str, str]:
    """For a command in a process of its own."""
    settings = {
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "tests.settings"),
        "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
    }
    return {**os.environ, **settings, **variables}


def start(name: str, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """Start a command in a process of its own, with nobody at the keyboard."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), name, *arguments],
        cwd=ROOT,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> Said:
    """What it said until its end."""
    with process:
        try:
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()
    return Said(status=process.returncode, out=out, err=err)
