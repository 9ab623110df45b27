"""A PostgreSQL server of a test's own, to be stopped, killed and frozen."""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import psutil

_ACCOUNT = "postgres"  # PostgreSQL refuses root


def programs() -> Path | None:
    """The folder of Debian's newest PostgreSQL, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    return found[-1] if found else None


class Cluster:
    """One server with a database `outage`, in an empty folder that its account may enter."""

    def __init__(self, folder: Path, bin_: Path) -> None:
        self._data = folder / "data"
        self._bin = bin_
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"postgres://{_ACCOUNT}@127.0.0.1:{self.port}/outage"
        if os.geteuid() == 0:
            shutil.chown(folder, _ACCOUNT)
        self._run("initdb", "--auth=trust", f"--username={_ACCOUNT}", "--no-sync")
        with (self._data / "postgresql.conf").open("a") as conf:
            conf.write(f"port = {self.port}\nunix_socket_directories = ''\nfsync = off\n")
        self.start()
        self._run("createdb", "--host=127.0.0.1", f"--port={self.port}", f"--username={_ACCOUNT}", "outage")

    def django_settings(self) -> dict[str, str]:
        """What differs from other tests' in Django's settings of the database."""
        return {"HOST": "127.0.0.1", "PORT": str(self.port), "USER": _ACCOUNT, "PASSWORD": "", "NAME": "outage"}

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        self._run("pg_ctl", "start", "--wait", f"--log={self._data / 'log'}")

    def crash(self) -> None:
        """As a power failure does."""
        self._run("pg_ctl", "stop", "--mode=immediate")

    def restart(self) -> None:
        """Crash it, and have it recover."""
        self.crash()
        self.start()

    def freeze(self) -> None:
        """Connections stay, but nothing answers."""
        for process in self._processes():
            process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        for process in self._processes():
            process.send_signal(signal.SIGCONT)

    def _processes(self) -> list[psutil.Process]:
        server = psutil.Process(int((self._data / "postmaster.pid").read_text().split()[0]))
        return [server, *server.children()]

    def _run(self, program: str, *arguments: str) -> None:
        is_root = os.geteuid() == 0
        subprocess.run(
            [str(self._bin / program), *arguments],
            env={**os.environ, "PGDATA": str(self._data), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd="/",
            user=_ACCOUNT if is_root else None,
            group=_ACCOUNT if is_root else None,
            extra_groups=[] if is_root else None,
            timeout=120,
            check=True,
        )
