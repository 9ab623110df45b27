"""Facts about processes."""

import os
import subprocess
import sys

from jobqueue.executor.process import machine, resident_mib, start_time


def test_a_process_has_one_start_time_and_another_process_another() -> None:
    mine = start_time(os.getpid())
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    theirs = start_time(other.pid)
    assert mine is not None
    assert mine == start_time(os.getpid())
    assert theirs is not None
    assert theirs != mine
    other.communicate(b"\n")
    assert start_time(other.pid) is None


def test_a_process_that_ended_and_was_not_reaped_is_gone() -> None:
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert start_time(child.pid) is None
    child.wait()


def test_a_pid_that_nobody_has_is_gone() -> None:
    assert start_time(2**22 + 1) is None
    assert resident_mib(2**22 + 1) == 0


def test_a_name_with_spaces_and_brackets_does_not_confuse() -> None:
    code = "import ctypes; ctypes.CDLL(None).prctl(15, b') R (x 1', 0, 0, 0); print(flush=True); input()"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()

    started = start_time(child.pid)
    child.communicate(b"\n")

    assert started is not None
    assert started.isdecimal()


def test_this_process_has_some_memory() -> None:
    assert 10 < resident_mib(os.getpid()) < 10_000


def test_the_machine_is_the_same_as_long_as_it_is_not_booted() -> None:
    assert machine() == machine()
    assert machine().count(":") >= 2
