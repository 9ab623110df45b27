"""Kernel locks on files: released when the last process that shares one is gone, even by kill -9."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL = 0.02  # seconds


def shared(path: Path) -> int:
    """Waits until nobody holds `path` exclusively, and returns the descriptor that holds it shared."""
    return _acquire(path, fcntl.LOCK_SH)


def exclusive(path: Path) -> int:
    """Waits until nobody holds `path`, and returns the descriptor that holds it."""
    return _acquire(path, fcntl.LOCK_EX)


def try_exclusive(path: Path, *, seconds: float = 0) -> int | None:
    """The descriptor that holds `path`; None if somebody still holds it after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        try:
            return _acquire(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return None
        time.sleep(_POLL)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Holds `path` exclusively, after waiting for it."""
    descriptor = exclusive(path)
    try:
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether anybody holds `path` exclusively."""
    try:
        os.close(_acquire(path, fcntl.LOCK_SH | fcntl.LOCK_NB))
    except BlockingIOError:
        return True
    return False


def is_current(descriptor: int, path: Path) -> bool:
    """Whether `path` still names the file that `descriptor` has open."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _acquire(path: Path, operation: int) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, operation)
        except BaseException:
            os.close(descriptor)
            raise
        if is_current(descriptor, path):
            return descriptor
        os.close(descriptor)  # removed while we waited: the lock that counts is another file
