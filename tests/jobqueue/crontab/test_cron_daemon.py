"""Debian's cron itself, with root's own crontab: from `crontab add` to a job that has succeeded."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from jobqueue.models import Job, Occurrence, SchedulerBeat
from jobqueue.states import Status
from tests.jobqueue.factories import make_schedule
from tests.jobqueue.worker.wire import Wire

from .project import Project, copied

_CRON = shutil.which("cron", path="/usr/sbin:/sbin:/usr/bin:/bin")
_PATIENCE = 150.0  # seconds; cron acts on the minute
_FOREIGN = '# of somebody else\nMAILTO=""\n59 23 31 12 * /bin/true 100\\% # stays\n'

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.fault,
    pytest.mark.xdist_group("cron"),
    pytest.mark.skipif(os.geteuid() != 0, reason="The crontab of this test is root's, and only root starts cron."),
    pytest.mark.skipif(
        _CRON is None or shutil.which("crontab") is None, reason="Debian's package cron is not installed."
    ),
]


@pytest.fixture
def foreign_crontab() -> Iterator[None]:
    """A line of somebody else's in root's crontab, which is afterwards what it was before."""
    before = subprocess.run(["crontab", "-l"], capture_output=True)
    assert before.returncode == 0 or b"no crontab for" in before.stderr
    try:
        _install(before.stdout + _FOREIGN.encode())
        yield
    finally:
        if before.returncode == 0:
            _install(before.stdout)
        else:
            subprocess.run(["crontab", "-r"], check=True)


@pytest.fixture
def cron() -> Iterator[None]:
    """The daemon: this machine's own if it runs one."""
    if any(process.info["name"] in ("cron", "crond") for process in psutil.process_iter(["name"])):
        yield
        return
    assert _CRON is not None
    with subprocess.Popen([_CRON, "-f"], stdin=subprocess.DEVNULL) as daemon:
        try:
            yield
        finally:
            daemon.terminate()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A checkout whose path is hard to quote; all it knows of the database is in its `.env`."""
    with ExitStack() as ends:
        made = Project(tmp_path, path=copied(tmp_path / "a checkout, 100% 'ours' #1"))
        url = ends.enter_context(Wire()).url
        (made.path / ".env").write_text(f"DATABASE_URL={url}\nSECRET_KEY=only for this test\nDEBUG=true\n")
        with (made.path / "coachdash" / "settings.py").open("a") as settings:
            settings.write(f'CRONTAB_COMMAND_PREFIX = "TMPDIR={tmp_path}"\n')
            settings.write(f'CRONTAB_COMMAND_SUFFIX = ">> {tmp_path}/said 2>&1"\n')
        (tmp_path / "said").touch()
        ends.callback(lambda: _wait_for_the_last_of(made))
        made.environment = {"PATH": os.environ["PATH"]}
        yield made


def test_cron_fires_a_schedule_and_runs_its_job(
    project: Project, cron: None, foreign_crontab: None, tmp_path: Path
) -> None:
    before = _crontab()
    schedule = make_schedule(expression="* * * * *", task_type="job_queue_cleanup")

    said = project.crontab("add")

    assert (said.status, said.err) == (0, "")
    try:
        assert _crontab().startswith(before)
        assert project.crontab("show").out.count("installed") == 3
        give_up_at = time.monotonic() + _PATIENCE
        while not Job.objects.filter(schedule=schedule, status=Status.SUCCEEDED).exists():
            assert time.monotonic() < give_up_at, f"The schedule's job was not run: {(tmp_path / 'said').read_text()}"
            time.sleep(0.5)
    finally:
        said = project.crontab("remove")

    assert said.out.endswith("3 entries removed from your crontab.\n")
    assert _crontab() == before
    assert _FOREIGN in before
    assert Occurrence.objects.filter(schedule=schedule, trigger="schedule").exists()
    assert SchedulerBeat.objects.get().source == "crontab"
    _wait_for_the_last_of(project)
    assert (tmp_path / "said").read_text() == ""  # or cron would have mailed it


def _install(table: bytes) -> None:
    subprocess.run(["crontab", "-"], input=table, check=True)


def _crontab() -> str:
    return subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=True).stdout


def _wait_for_the_last_of(project: Project) -> None:
    """Until what cron has started is done."""
    manage = str(project.path / "manage.py")
    running = [process for process in psutil.process_iter(["cmdline"]) if manage in (process.info["cmdline"] or [])]
    _, alive = psutil.wait_procs(running, timeout=60)
    for process in alive:
        process.kill()
    assert not alive
