"""A process of the demo."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from coachdash.demo.child import Child
from coachdash.demo.exceptions import DemoError

SLEEP = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SLEEP
PARENT = """
import sys, time
from pathlib import Path
from coachdash.demo.child import Child
child = Child("child", ["-c", sys.argv[1]], log=Path(sys.argv[2]), patience=1)
print(child.pid, flush=True)
time.sleep(600)
"""


def eventually(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.02)
    return is_so()


def started(code: str, log: Path) -> Child:
    child = Child("thing", ["-c", code], log=log, patience=1)
    assert eventually(lambda: "up" in log.read_text())
    return child


def test_a_process_runs_until_it_is_stopped(tmp_path: Path) -> None:
    child = started(SLEEP, tmp_path / "log")
    child.check()
    child.stop()
    assert not psutil.pid_exists(child.pid)
    with pytest.raises(DemoError, match=f"The thing was killed by signal {signal.SIGTERM:d}"):
        child.check()


def test_a_process_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    child = started(STUBBORN, tmp_path / "log")
    child.stop()
    assert not psutil.pid_exists(child.pid)


def test_a_process_that_ended_by_itself_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    lines = "".join(f"print('line {nth}');" for nth in range(40))
    child = Child("thing", ["-c", f"{lines}raise SystemExit(3)"], log=tmp_path / "log", patience=1)
    child._process.wait(20)
    with pytest.raises(DemoError) as told:
        child.check()
    assert "The thing ended with status 3" in str(told.value)
    assert "line 39" in str(told.value)
    assert "line 20" not in str(told.value)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
@pytest.mark.fault
def test_a_process_does_not_outlive_a_demo_that_was_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", PARENT, SLEEP, str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert eventually(lambda: log.exists() and "up" in log.read_text())
        parent.kill()
    assert eventually(lambda: not psutil.pid_exists(pid))
