"""Makes a cluster and its database."""

import shutil
import subprocess
import sys

from coachdash.postgres import binaries, server
from coachdash.postgres.account import Account
from coachdash.postgres.binaries import Binaries
from coachdash.postgres.connection import DATABASE, ROLE
from coachdash.postgres.exceptions import PostgresError
from coachdash.postgres.paths import PORT, ClusterPaths

_BUILTIN_LOCALE_SINCE = 17
_CREATE_DATABASE = (
    f"SELECT 'CREATE DATABASE {DATABASE}' WHERE NOT EXISTS "  # noqa: S608 - a constant
    f"(SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec\n"
)
# Commits still reach the kernel: they survive a killed server, as tests of faults expect.
_FAST = "fsync = off\nfull_page_writes = off\n"


def create_cluster(paths: ClusterPaths, account: Account, programs: Binaries, *, fast: bool) -> None:
    """Make the data directory, all of it or nothing; `fast`: what it holds need not survive a power failure.

    Raises:
        PostgresError: initdb failed.
    """
    print(
        f"Creating the embedded PostgreSQL {programs.major} in {paths.directory} …",
        file=sys.stderr,
        flush=True,
    )
    unfinished = paths.data.with_name("data.new")
    command = [
        programs.path("initdb"),
        f"--pgdata={unfinished}",
        f"--username={ROLE}",
        "--encoding=UTF8",
        *_locale(programs.major),
        "--data-checksums",
        # Who reaches the socket was let into its folder; on TCP a server started by hand refuses all.
        "--auth-local=trust",
        "--auth-host=reject",
        *(["--no-sync"] if fast else []),
    ]
    with server.claimed(paths) as lock:  # the initdb of a process that was killed may still be writing
        if unfinished.exists():
            shutil.rmtree(unfinished)
        done = account.run(command, pass_fds=[lock])
    if done.returncode != 0:
        said = done.stdout.decode(errors="replace").strip()
        raise PostgresError(f"PostgreSQL could not make its data directory in {paths.directory}:\n{said}")
    if fast:
        account.write(unfinished / "postgresql.auto.conf", _FAST)
    unfinished.rename(paths.data)


def ensure_database(paths: ClusterPaths, programs: Binaries) -> None:
    """Create the database unless it exists.

    Raises:
        PostgresError: the server refused.
    """
    done = _psql(paths, programs, "postgres", "--set=ON_ERROR_STOP=1", script=_CREATE_DATABASE)
    if done.returncode != 0:
        raise PostgresError(f"The database {DATABASE} could not be made: {done.stderr.strip()}")


def has_database(paths: ClusterPaths, programs: Binaries) -> bool:
    """Whether the server accepts a connection to the database."""
    return _psql(paths, programs, DATABASE, script="").returncode == 0


def _psql(
    paths: ClusterPaths, programs: Binaries, database: str, *options: str, script: str
) -> subprocess.CompletedProcess[str]:
    where = ["-h", str(paths.sockets), "-p", str(PORT), "-U", ROLE, "-d", database]
    return subprocess.run(
        [programs.path("psql"), "--no-psqlrc", "--no-password", "--quiet", *where, *options],
        input=script,
        capture_output=True,
        text=True,
        env=binaries.environment(),
        check=False,
    )


def _locale(major: int) -> list[str]:
    """The same sort order everywhere, from PostgreSQL itself where it can and not from the C library."""
    if major >= _BUILTIN_LOCALE_SINCE:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C.UTF-8"]
