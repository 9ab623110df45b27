"""The server process: whether it runs, its start, its end. Whoever starts or stops it holds the start lock."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from coachdash.postgres import binaries, locks, sockets
from coachdash.postgres.account import Account
from coachdash.postgres.binaries import Binaries
from coachdash.postgres.connection import DATABASE, ROLE
from coachdash.postgres.exceptions import PostgresError
from coachdash.postgres.paths import PORT, ClusterPaths

type Mode = Literal["fast", "immediate"]

_SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
_START_SECONDS = 300  # a recovery after a crash included
_STOP_SECONDS = 60
_POLL = 0.05
_NOBODY = 2**31 - 1  # no system gives a process this number
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "max_connections": "200",
    "shared_buffers": "128MB",
}


def is_running(paths: ClusterPaths) -> bool:
    """Whether a process of the server lives. The process number in `postmaster.pid` proves nothing."""
    return locks.is_held(paths.server_lock)


def is_ready(paths: ClusterPaths, programs: Binaries) -> bool:
    """Whether the server accepts connections."""
    where = ["-h", str(paths.sockets), "-p", str(PORT), "-U", ROLE, "-d", DATABASE]
    asked = subprocess.run([programs.path("pg_isready"), "-q", *where], env=binaries.environment(), check=False)
    return asked.returncode == 0


def becomes_ready(paths: ClusterPaths, programs: Binaries) -> bool:
    """Waits for a server that starts, recovers or ends; False if none runs then, or it never answers."""
    until = time.monotonic() + _START_SECONDS
    while is_running(paths) and time.monotonic() < until:
        if is_ready(paths, programs):
            return True
        time.sleep(_POLL)
    return False


def ends(paths: ClusterPaths, *, seconds: float) -> bool:
    """Whether none of its processes is left, at the latest after so long."""
    until = time.monotonic() + seconds
    while is_running(paths):
        if time.monotonic() > until:
            return False
        time.sleep(_POLL)
    return True


def process(paths: ClusterPaths) -> int | None:
    """The number of the server's process, if it runs."""
    noted = _noted_process(paths) if is_running(paths) else None
    return noted if noted and _works_in(noted, paths.data) is not False else None


def start(paths: ClusterPaths, account: Account, programs: Binaries) -> None:
    """Start the server, returning once it accepts connections.

    Raises:
        PostgresError: it does not start; the message quotes the log.
    """
    with claimed(paths) as lock:
        _disbelieve_pid_file(paths, account)
        sockets.prepare(paths, account)
        _launch(paths, account, programs, lock)
    if not is_ready(paths, programs):
        raise PostgresError(f"PostgreSQL in {paths.directory} has started, but does not answer; see {paths.log}.")


@contextmanager
def claimed(paths: ClusterPaths) -> Iterator[int]:
    """Waits until no process works in the cluster; yields the lock for those that will, who inherit and keep it.

    Raises:
        PostgresError: they do not end.
    """
    lock = locks.try_exclusive(paths.server_lock, seconds=_STOP_SECONDS)
    if lock is None:
        raise PostgresError(f"A PostgreSQL that does not answer has processes in {paths.data}: end them first.")
    try:
        yield lock
    finally:
        os.close(lock)


def stop(paths: ClusterPaths, mode: Mode = "fast") -> None:
    """End the server if it runs: `fast` breaks off open transactions, `immediate` is a crash.

    Raises:
        PostgresError: it does not end.
    """
    for attempt in (mode, "immediate"):
        _signal(paths, _SIGNALS[attempt])
        if ends(paths, seconds=_STOP_SECONDS):
            sockets.remove(paths)
            return
    raise PostgresError(f"PostgreSQL in {paths.directory} does not end; see {paths.log}.")


def _launch(paths: ClusterPaths, account: Account, programs: Binaries, lock: int) -> None:
    settings = {**_SETTINGS, "unix_socket_directories": str(paths.sockets)}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    command = [
        programs.path("pg_ctl"),
        "start",
        "--wait",
        f"--timeout={_START_SECONDS}",
        "--silent",
        "-o",
        options,
    ]
    with paths.log.open("ab") as log:
        began = log.seek(0, os.SEEK_END)
        done = account.run(command, output=log, pass_fds=[lock], PGDATA=str(paths.data))
    if done.returncode != 0:
        raise PostgresError(f"PostgreSQL did not start: {_reason(paths.log, began)} (see {paths.log})")


def _reason(log: Path, began: int) -> str:
    with log.open("rb") as file:
        file.seek(began)
        lines = file.read().decode(errors="replace").splitlines()
    fatal = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
    return (fatal or lines or ["no reason given"])[-1]


def _disbelieve_pid_file(paths: ClusterPaths, account: Account) -> None:
    """No server of ours runs, so the noted number is nobody's, though another process may have it by now.

    The rest of the file stays: with it PostgreSQL checks for itself that nobody has the data open.
    """
    noted = _noted_process(paths)
    if noted is None:
        paths.pid_file.unlink(missing_ok=True)
        return
    if _works_in(noted, paths.data):
        raise PostgresError(f"Process {noted} is a PostgreSQL that was started by hand in {paths.data}: end it first.")
    _, _, rest = paths.pid_file.read_text().partition("\n")
    account.write(paths.pid_file, f"{_NOBODY}\n{rest}")


def _noted_process(paths: ClusterPaths) -> int | None:
    try:
        return int(paths.pid_file.read_text().partition("\n")[0])
    except (FileNotFoundError, ValueError):
        return None


def _works_in(number: int, folder: Path) -> bool | None:
    """Whether that is the process's working directory, as a server's data directory is; None if we may not know."""
    try:
        return Path(f"/proc/{number}/cwd").samefile(folder)
    except PermissionError:
        return None
    except FileNotFoundError:
        return False if Path("/proc/self").exists() else None


def _signal(paths: ClusterPaths, number: signal.Signals) -> None:
    noted = process(paths)
    if noted is not None:
        with suppress(ProcessLookupError):
            os.kill(noted, number)
