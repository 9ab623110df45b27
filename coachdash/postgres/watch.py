"""Sees to it that a keeper watches a running server."""

import subprocess
import sys
from contextlib import suppress

from coachdash.postgres import locks, server
from coachdash.postgres.exceptions import PostgresError
from coachdash.postgres.paths import CHECKOUT, ClusterPaths


def ensure_keeper(paths: ClusterPaths) -> None:
    """Start a keeper unless one lives. The caller holds the start lock, and is a user of the cluster.

    Raises:
        PostgresError: it did not start; its message is in the log.
    """
    if locks.is_held(paths.keeper_lock):
        return
    # Light (-S: no site-packages), beyond Ctrl-C's reach (its own session), and without the caller's pipes.
    command = [sys.executable, "-E", "-s", "-S", "-m", "coachdash.postgres.keeper", str(paths.directory)]
    with paths.log.open("ab") as log:
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=False,
        )
    if done.returncode != 0:
        raise PostgresError(f"The keeper of the embedded PostgreSQL did not start; see {paths.log}.")


def replace_lost_keeper(paths: ClusterPaths) -> None:
    """At the end of a user: a server whose keeper was killed must not stay behind."""
    with suppress(FileNotFoundError, PostgresError), locks.held(paths.start_lock):
        if server.is_running(paths):
            ensure_keeper(paths)
