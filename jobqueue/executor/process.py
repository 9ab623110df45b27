"""Facts and controls of processes that Python has no name for: parent-death signals, start times, memory."""

import ctypes
import os
import signal
import socket
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PROC = Path("/proc")


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends, however it ends.

    Args:
        parent: the parent's pid; if it is gone already, this process ends now.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def start_time(pid: int) -> str | None:
    """When the process started, in the kernel's own ticks since boot; None if there is no such process.

    Source: field 22 of /proc/<pid>/stat, proc_pid_stat(5).
    """
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    after_name = stat.rpartition(")")[2].split()
    return None if after_name[0] in "ZX" else after_name[19]


def machine() -> str:
    """Names the space in which a pid means something: the host, its boot, and the pid namespace."""
    return ":".join((socket.gethostname(), _boot_id(), _pid_namespace()))


def _boot_id() -> str:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "-"


def _pid_namespace() -> str:
    try:
        return str((_PROC / "self/ns/pid").stat().st_ino)
    except OSError:
        return "-"


def resident_mib(pid: int) -> int:
    """The resident memory of a process in MiB, 0 if it is gone. Source: proc_pid_statm(5)."""
    try:
        pages = int((_PROC / str(pid) / "statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 1_048_576
