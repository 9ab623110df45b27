"""The verbs on a cluster: start it if need be, leave it, stop, restart, describe it."""

import atexit
import os
from dataclasses import dataclass
from pathlib import Path

from coachdash.postgres import binaries, creation, locks, server, sockets, users, watch
from coachdash.postgres.account import choose
from coachdash.postgres.exceptions import PostgresError
from coachdash.postgres.paths import ClusterPaths

_KEEPERS_LOOK = 0.2  # seconds: the keeper, too, takes the lock for a moment when the last user has left


@dataclass(frozen=True, kw_only=True)
class Status:
    """A cluster: its major `version`, None before the first start; its `process`, None while it is down."""

    directory: Path
    sockets: Path
    log: Path
    version: int | None
    process: int | None
    ready: bool


def ensure_running(directory: Path | None = None, *, fast: bool = False) -> None:
    """Have the server run, with its database, for as long as this process lives.

    Creates, starts or recovers what is missing, and waits until connections are accepted. Any number of
    processes may call this at once. `directory` None is the default cluster. `fast` makes a new cluster one
    that may lose its data in a power failure, for tests; a cluster that exists stays what it is.

    Raises:
        PostgresError: there are no programs, no account to run them, or the server fails.
    """
    paths = ClusterPaths.of(directory)
    _make_directory(paths)
    if users.join(paths):
        atexit.register(watch.replace_lost_keeper, paths)
    with locks.held(paths.start_lock):
        watch.ensure_keeper(paths)
        if not _serves(paths):
            _start(paths, fast=fast)


def leave(directory: Path | None = None) -> None:
    """This process needs the server no longer: it stops now if nobody else uses it."""
    paths = ClusterPaths.of(directory)
    users.leave(paths)
    if not paths.directory.exists():
        return
    alone = locks.try_exclusive(paths.users_lock, seconds=_KEEPERS_LOOK)
    if alone is not None:
        try:
            stop(directory)
        finally:
            os.close(alone)


def stop(directory: Path | None = None) -> None:
    """Stop the server, whoever uses it.

    Raises:
        PostgresError: it does not end.
    """
    paths = ClusterPaths.of(directory)
    if paths.directory.exists():
        with locks.held(paths.start_lock):
            server.stop(paths)


def restart(directory: Path | None = None, *, mode: server.Mode = "fast") -> None:
    """Stop the server, "immediate" as if it had crashed, and start it again.

    Raises:
        PostgresError: it does not end, or not start again.
    """
    paths = ClusterPaths.of(directory)
    _make_directory(paths)
    users.join(paths)
    with locks.held(paths.start_lock):
        server.stop(paths, mode)
        watch.ensure_keeper(paths)
        _start(paths, fast=False)


def status(directory: Path | None = None) -> Status:
    """What there is, without starting anything.

    Raises:
        PostgresError: the server runs, but there are no programs to ask it with.
    """
    paths = ClusterPaths.of(directory)
    process, ready = None, False
    if paths.directory.exists():
        with locks.held(paths.start_lock):
            process = server.process(paths)
            ready = process is not None and server.is_ready(paths, binaries.find())
    return Status(
        directory=paths.directory,
        sockets=paths.sockets,
        log=paths.log,
        version=_version(paths),
        process=process,
        ready=ready,
    )


def _serves(paths: ClusterPaths) -> bool:
    if not server.is_running(paths):
        return False
    sockets.verify(paths)
    return creation.has_database(paths, binaries.find())


def _start(paths: ClusterPaths, *, fast: bool) -> None:
    version = _version(paths)
    programs = binaries.find(version)
    account = choose(paths.directory, programs.path("initdb"))
    if version is None:
        creation.create_cluster(paths, account, programs, fast=fast)
    if not server.becomes_ready(paths, programs):
        server.start(paths, account, programs)
    creation.ensure_database(paths, programs)


def _make_directory(paths: ClusterPaths) -> None:
    try:
        paths.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        # All of them now, so that they get the owner of the cluster when that is chosen.
        for path in (paths.users_lock, paths.start_lock, paths.keeper_lock, paths.server_lock, paths.log):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
    except OSError as error:
        raise PostgresError(
            f"The embedded PostgreSQL cannot use its folder {paths.directory} ({error.strerror}): make it "
            "writable for this account, or set DATABASE_URL to a running server."
        ) from error


def _version(paths: ClusterPaths) -> int | None:
    try:
        return int((paths.data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None
