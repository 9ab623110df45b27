"""`python -m coachdash.postgres.keeper DIRECTORY`: stops the server when its last user has ended."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from coachdash.postgres import locks, server
from coachdash.postgres.paths import ClusterPaths

LINGER = 2.0  # seconds: a command right after another one finds the server still there


def main() -> None:
    """Become the keeper, in the background; returns at once if there is one already."""
    paths = ClusterPaths.of(Path(sys.argv[1]))
    lock = locks.try_exclusive(paths.keeper_lock)
    # The starter waits for this process, and knows by its end that the child is on watch.
    if lock is None or os.fork() != 0:
        os._exit(0)
    os.chdir("/")
    with suppress(FileNotFoundError):  # somebody removed the cluster; its server sees that and ends by itself
        users = _wait_until_unused(paths)
        with locks.held(paths.start_lock):
            server.stop(paths)
        # In this order: a user who waits for the second has to find the first free, and start a keeper.
        os.close(lock)
        os.close(users)


def _wait_until_unused(paths: ClusterPaths) -> int:
    """The descriptor that holds the users' lock, so that nobody joins until the server is down."""
    while True:
        users = locks.exclusive(paths.users_lock)
        if not server.is_running(paths):
            return users
        os.close(users)
        server.ends(paths, seconds=LINGER)  # somebody else may stop it
        again = locks.try_exclusive(paths.users_lock)
        if again is not None:
            return again


if __name__ == "__main__":
    main()
