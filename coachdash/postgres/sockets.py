"""The directory of the Unix socket: nobody but the server's account and root may enter it."""

import os
import stat
from collections.abc import Container
from contextlib import suppress
from pathlib import Path

from coachdash.postgres.account import Account
from coachdash.postgres.exceptions import PostgresError
from coachdash.postgres.paths import PORT, ClusterPaths


def prepare(paths: ClusterPaths, account: Account) -> None:
    """Make the directory if need be, and clear it of what a killed server left. Only while no server runs.

    Raises:
        PostgresError: somebody else made it, or may enter it.
    """
    directory = paths.sockets
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        _verify(directory, {os.geteuid(), account.uid})
    if directory.stat().st_uid != account.uid:
        os.chown(directory, account.uid, account.gid, follow_symlinks=False)
    # PostgreSQL would believe the process number in a stale lock file, whoever has that number now.
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (directory / name).unlink(missing_ok=True)


def verify(paths: ClusterPaths) -> None:
    """Before anything is said to a server; one that has yet to make its socket is fine.

    Raises:
        PostgresError: the directory belongs neither to us nor to the cluster's owner, or others may enter it.
    """
    if os.path.lexists(paths.sockets):
        _verify(paths.sockets, {os.geteuid(), paths.directory.stat().st_uid})


def remove(paths: ClusterPaths) -> None:
    """After the server's end; a directory with anything left in it stays."""
    with suppress(OSError):
        paths.sockets.rmdir()


def _verify(directory: Path, owners: Container[int]) -> None:
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners or found.st_mode & 0o077:
        raise PostgresError(
            f"{directory}, meant for the embedded PostgreSQL's socket, is not a folder that only we may "
            "enter: remove it, or set DATABASE_URL to a running server."
        )
