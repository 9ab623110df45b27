"""What cron's processes find: paths of any kind, almost no variables, and a warning of those that they will lack."""

import os
import subprocess
from pathlib import Path

import pytest

from .conftest import MakeProject
from .project import Project, commands

URL = "postgres://alice:hunter2@127.0.0.1:1/app"
CRONS = {"HOME": "/", "LOGNAME": "alice", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
"""All the variables that Debian's cron gives."""


@pytest.mark.parametrize("name", ["a checkout, 100% 'ours' #1", "plain"])
def test_the_lines_call_this_checkout_wherever_it_is(make_project: MakeProject, tmp_path: Path, name: str) -> None:
    project = make_project(name)
    (project.path / ".env").write_text(f"DATABASE_URL={URL}\nSECRET_KEY={'x' * 50}\n")
    lines = project.add()

    # The database is not there: said by the checkout's own code, as its `.env` was read.
    for command in commands(lines[:1]):
        ran = subprocess.run(
            ["/bin/sh", "-c", command], cwd="/", env={**CRONS, "TMPDIR": str(tmp_path)}, capture_output=True
        )
        assert b"CommandError: The database does not answer: " in ran.stderr
        assert ran.returncode == 1
        assert ran.stdout == b""
    assert project.add() == lines
    project.crontab("remove")
    assert project.lines() == []


def test_what_only_the_shell_sets_is_warned_of_by_name_alone(make_project: MakeProject) -> None:
    project = make_project("app")
    project.environment |= {"DATABASE_URL": URL, "SECRET_KEY": "much too secret", "JOB_QUEUE_DISABLED": "true"}

    said = project.crontab("add")

    assert said.status == 0
    assert "DATABASE_URL, " in said.err
    assert "JOB_QUEUE_DISABLED" in said.err
    assert "SECRET_KEY" in said.err
    assert str(project.path / ".env") in said.err
    everything = said.out + said.err + project.table.read_text()
    assert "hunter2" not in everything
    assert "too secret" not in everything


def test_what_is_in_the_dotenv_needs_no_warning(make_project: MakeProject) -> None:
    project = make_project("app")
    _forget(project)
    (project.path / ".env").write_text(f"#\nDATABASE_URL='{URL}'\nexport SECRET_KEY=\"x y\"\n#\nDEBUG=true\n")

    assert project.crontab("add").err == ""
    assert project.crontab("add", DATABASE_URL=URL, SECRET_KEY="x y", DEBUG="true").err == ""


def test_another_value_in_the_dotenv_is_warned_of(make_project: MakeProject) -> None:
    project = make_project("app")
    _forget(project)
    (project.path / ".env").write_text(f"DATABASE_URL={URL}\n#SECRET_KEY=z\nDEBUG=true\n")

    said = project.crontab("add", DATABASE_URL=f"{URL}_test", SECRET_KEY="z")

    missing, different = said.err.splitlines()
    assert missing.startswith("Warning: cron will not have what only this shell sets: SECRET_KEY. ")
    assert different.endswith("other values than this shell: DATABASE_URL.")


def _forget(project: Project) -> None:
    """What the shell of these tests sets."""
    example = (project.path / ".env.example").read_text()
    for name in os.environ:
        if f"#{name}=" in example or name.startswith(("PG", "PYTHONPATH")):
            project.environment.pop(name, None)
