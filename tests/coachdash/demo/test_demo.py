"""The whole demo, as `make demo` starts it: in a folder of its own, on its own database and ports."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
import requests

CHECKOUT = Path(__file__).resolve().parents[3]
PATIENCE = 120.0  # seconds until a test gives up; generous, because nothing is measured here

# One process after the other, in one folder.
pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("demo")]


@dataclass(kw_only=True)
class Demo:
    """One folder in which demos are started."""

    folder: Path
    port: int
    simulator_port: int
    output: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[bytes]:
        """Start it in the background; what it says goes to `output`."""
        keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        ports = {"DEMO_PORT": str(self.port), "DEMO_SIMULATOR_PORT": str(self.simulator_port)}
        with self.output.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "coachdash.demo"],
                cwd=self.folder,
                env=keep | ports,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def started(self) -> subprocess.Popen[bytes]:
        """Start it and wait until it says that it is up."""
        process = self.start()
        assert eventually(lambda: "Stop with Ctrl-C." in self.said() or process.poll() is not None)
        assert process.poll() is None, self.said()
        return process

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Have it end in good order."""
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert eventually(lambda: not self.running())

    def said(self) -> str:
        """All its output."""
        return self.output.read_text(errors="replace")

    def running(self) -> list[psutil.Process]:
        """Every process that works in the folder or for it, the keeper of its database among them."""
        return [process for process in psutil.process_iter() if self._is_here(process)]

    def _is_here(self, process: psutil.Process) -> bool:
        try:
            gone = process.status() == psutil.STATUS_ZOMBIE
            places = [process.cwd(), *process.cmdline()]
            return not gone and any(Path(place).is_relative_to(self.folder) for place in places)
        except psutil.Error:
            return False


def eventually(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.1)
    return is_so()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A copy of the project, with nothing in its var/ yet."""
    folder = Path(tempfile.mkdtemp(prefix="demo")).resolve()
    folder.chmod(0o755)  # the embedded PostgreSQL of root belongs to another account, which must get in
    for name in ("coachdash", "gameplatform", "jobqueue", "templates"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "manage.py", folder)
    demo = Demo(folder=folder, port=free_port(), simulator_port=free_port(), output=folder / "said")
    yield demo
    for process in demo.processes:
        process.kill()
        process.wait()
    assert eventually(lambda: not demo.running())
    shutil.rmtree(folder)


def test_the_demo_mirrors_the_platform_and_serves_it_until_ctrl_c(demo: Demo) -> None:
    process = demo.started()
    said = demo.said()
    assert re.search(r"Mirrored +accounts 54 = 54 \N{CHECK MARK}", said)
    assert said.count("\N{CHECK MARK}") == 5
    assert "\N{BALLOT X}" not in said

    session = requests.Session()
    password = re.search(r"alice +(\S+) +their own students", said)
    assert password is not None
    site = f"http://127.0.0.1:{demo.port}"
    session.get(f"{site}/login/")
    answer = session.post(
        f"{site}/login/",
        {"username": "alice", "password": password[1], "csrfmiddlewaretoken": session.cookies["csrftoken"]},
    )
    assert answer.url == f"{site}/dashboard/"
    assert "My students" in answer.text
    assert session.get(f"{site}/static/coachdash/site.css").ok

    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0
    assert eventually(lambda: not demo.running())


def test_a_second_start_finds_its_data_and_a_third_beside_it_is_refused(demo: Demo) -> None:
    log_ins = demo.folder / "var" / "demo.json"
    if not log_ins.exists():
        demo.stop(demo.started())
    passwords = log_ins.read_bytes()
    first = demo.started()
    assert demo.said().count("\N{CHECK MARK}") == 5
    assert log_ins.read_bytes() == passwords
    said, demo.output = demo.output, demo.folder / "other"
    assert demo.start().wait(PATIENCE) == 1
    assert f"running in this folder already (process {first.pid})" in demo.said()
    demo.output = said
    demo.stop(first)


def test_a_process_that_dies_ends_the_demo_with_the_end_of_its_log(demo: Demo) -> None:
    process = demo.started()
    simulator = next(each for each in demo.running() if "gameplatform_simulator" in each.cmdline())
    simulator.kill()
    assert process.wait(PATIENCE) == 1
    assert "The simulator was killed by signal 9." in demo.said()
    assert "The game platform simulator listens at" in demo.said()
    assert eventually(lambda: not demo.running())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_a_demo_that_is_killed_leaves_nothing_behind(demo: Demo) -> None:
    process = demo.started()
    assert len(demo.running()) > 4
    process.kill()
    process.wait()
    assert eventually(lambda: not demo.running())
