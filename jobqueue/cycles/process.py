"""The process of a cycle: a worker beside us, which neither our end nor our client's ends."""

import contextlib
import os
import subprocess
import sys
import tempfile
from typing import IO
from uuid import UUID

from jobqueue import redaction

_LONGEST_LAST_WORDS = 4_000
_MOST_CHILDREN = 2


class CycleProcess:
    """`run_worker --once` of the same settings, by the same Python."""

    def __init__(self, cycle: UUID, limit: int) -> None:
        """Start it.

        Raises:
            OSError: the system cannot; its message says why.
        """
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  the process writes on when we are gone
        try:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "django", "run_worker", "--once", f"--limit={limit}", f"--cycle={cycle}"),
                    f"--concurrency={min(limit, _MOST_CHILDREN)}",
                ],
                # With DJANGO_SETTINGS_MODULE, as Django was started by it.
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                # What stops the web server's processes, such as Ctrl-C, is none of its business.
                start_new_session=True,
            )
        except BaseException:
            self._said.close()
            raise

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it ends within that time. If not, it goes on."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self._process.returncode is not None

    def end(self) -> str:
        """Once it has ended: how, in a sentence; empty if it ended well."""
        status = self._process.returncode
        with self._said:
            last = self._last_line() if status > 0 else ""
        if status == 0:
            return ""
        how = f"was killed by signal {-status}" if status < 0 else f"ended with exit status {status}"
        return redaction.redact_text(f"The worker {how}: {last}" if last else f"The worker {how}.")

    def _last_line(self) -> str:
        size = self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, size - _LONGEST_LAST_WORDS))
        lines = self._said.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")
