"""Which processes use a cluster: each holds a lock that the kernel releases at its end, kill -9 included."""

import os
import threading

from coachdash.postgres import locks
from coachdash.postgres.paths import ClusterPaths

_held: dict[ClusterPaths, int] = {}
_guard = threading.Lock()


def join(paths: ClusterPaths) -> bool:
    """Make this process, with its forked children, a user until it ends; waits while the server is stopped.

    Returns whether this is news: False if it was one already.
    """
    with _guard:
        descriptor = _held.get(paths)
        if descriptor is not None and locks.is_current(descriptor, paths.users_lock):
            return False
        _release(paths)
        _held[paths] = locks.shared(paths.users_lock)
        return True


def leave(paths: ClusterPaths) -> None:
    """This process no longer uses the cluster."""
    with _guard:
        _release(paths)


def _release(paths: ClusterPaths) -> None:
    descriptor = _held.pop(paths, None)
    if descriptor is not None:
        os.close(descriptor)
