"""One process at a time, whatever becomes of it and of those that it forks."""

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from jobqueue.management.single import single

from .project import ROOT

HOLD = """
import os, sys, time
from jobqueue.management.single import single
with single("held elsewhere") as is_single:
    print(is_single, flush=True)
    sys.stdin.readline()
"""
FORK = """
import os, sys, time
from jobqueue.management.single import single
with single("left by a fork") as is_single:
    if os.fork() == 0:
        if os.fork() == 0:
            print(os.getpid(), flush=True)
            time.sleep(300)
        os._exit(0)
    os.wait()
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


def run(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_another_process_is_kept_out_until_the_first_dies() -> None:
    with run(HOLD) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        with single("held elsewhere") as is_single, single("another name") as is_another_single:
            assert (is_single, is_another_single) == (False, True)
        holder.kill()
        holder.wait()
        with single("held elsewhere") as is_single:
            assert is_single


def test_a_process_that_was_forked_and_stays_behind_does_not_hold_it() -> None:
    with run(FORK) as holder:
        assert holder.stdout is not None
        left_behind = int(holder.stdout.readline())
        try:
            assert holder.wait() == 0
            with single("left by a fork") as is_single:
                assert is_single
        finally:
            os.kill(left_behind, 9)


def test_it_is_free_again_after_an_error() -> None:
    with pytest.raises(ValueError, match="oh"), single("x"):
        raise ValueError("oh")
    with single("x") as is_single:
        assert is_single


def test_its_file_is_the_users_own(tmp_path: Path) -> None:
    with single("x"):
        (lock,) = tmp_path.iterdir()
        assert stat.S_IMODE(lock.stat().st_mode) == 0o600

    lock.unlink()
    victim = tmp_path / "victim"
    victim.write_text("precious")
    lock.symlink_to(victim)
    with pytest.raises(OSError, match="symbolic links"), single("x"):
        pytest.fail("It followed a link that anybody may have put there.")
    assert victim.read_text() == "precious"
