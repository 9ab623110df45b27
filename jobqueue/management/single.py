"""One process at a time on this host, by a lock of the kernel's."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def single(name: str) -> Iterator[bool]:
    """Whether no other process of this user is in a block of this name. Whoever dies has left it.

    Raises:
        OSError: somebody else has put a file where the lock is to be.
    """
    digest = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:32]
    path = Path(tempfile.gettempdir()) / f"jobqueue_{os.geteuid()}_{digest}.lock"
    held = [os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)]

    def release() -> None:
        while held:
            os.close(held.pop())

    # Or a process that a job forks and leaves behind would hold it for ever.
    os.register_at_fork(after_in_child=release)
    try:
        try:
            fcntl.flock(held[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            is_single = False
        else:
            is_single = True
        yield is_single
    finally:
        release()
