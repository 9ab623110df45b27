"""Keeps a second demo out of the folder of a first one."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coachdash.demo.exceptions import DemoError


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold the lock file; the system releases it however this process ends.

    Raises:
        DemoError: another demo holds it; names its process.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = os.read(descriptor, 32).decode(errors="replace").strip()
            raise DemoError(
                f"A demo is running in this folder already (process {other}). Stop it first, with Ctrl-C."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
