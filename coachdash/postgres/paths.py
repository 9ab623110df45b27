"""Where the files of a cluster lie. Computes only; nothing is created here."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

CHECKOUT = Path(__file__).resolve().parents[2]
DIRECTORY_VARIABLE = "EMBEDDED_POSTGRES_DIRECTORY"
PORT = 5432  # only names the socket's file: nothing listens on TCP

_LONGEST_SOCKET = 103  # bytes, macOS's limit; Linux allows four more
_ORDINARY_PATH = re.compile(rb"[\w./+=@-]+")  # what neither libpq, PostgreSQL's lists nor a shell take for syntax


@dataclass(frozen=True)
class ClusterPaths:
    """The files of the cluster in one directory, which belongs to the account that runs the server."""

    directory: Path

    @classmethod
    def of(cls, directory: Path | None) -> Self:
        """The given directory, else EMBEDDED_POSTGRES_DIRECTORY's, else `var/postgres` in the checkout."""
        chosen = directory or os.environ.get(DIRECTORY_VARIABLE) or CHECKOUT / "var" / "postgres"
        return cls(Path(chosen).resolve())

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.directory / "data"

    @property
    def log(self) -> Path:
        """What server and keeper print."""
        return self.directory / "server.log"

    @property
    def pid_file(self) -> Path:
        """PostgreSQL's note of its process; true only while `server_lock` is held."""
        return self.data / "postmaster.pid"

    @property
    def users_lock(self) -> Path:
        """Held shared by every process that uses the server."""
        return self.directory / "users.lock"

    @property
    def start_lock(self) -> Path:
        """Held by the one process that looks at, starts or stops the server."""
        return self.directory / "start.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper as long as it lives."""
        return self.directory / "keeper.lock"

    @property
    def server_lock(self) -> Path:
        """Held by the server and each of its processes as long as they live."""
        return self.directory / "server.lock"

    @property
    def sockets(self) -> Path:
        """The directory of the Unix socket: inside the cluster's, or a short one if that path will not do."""
        inside = self.directory / "socket"
        socket = os.fsencode(inside / f".s.PGSQL.{PORT}")
        if len(socket) <= _LONGEST_SOCKET and _ORDINARY_PATH.fullmatch(socket):
            return inside
        digest = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:16]
        # Not TMPDIR: every process of this user has to find the same one.
        return Path("/tmp") / f"coachdash-{os.geteuid()}-{digest}"  # noqa: S108 - verified before each use
