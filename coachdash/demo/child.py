"""One process of the demo: started on a leash, logging to a file, stopped politely, then firmly."""

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from coachdash.demo.exceptions import DemoError

_TAIL_LINES = 15


class Child:
    """A running process.

    Args:
        name: what people call it.
        command: arguments for this Python.
        log: where its output is added.
        patience: seconds that it may take to stop.
    """

    def __init__(self, name: str, command: Sequence[str], *, log: Path, patience: float) -> None:
        self.name = name
        self._log = log
        self._patience = patience
        with log.open("ab") as output:
            # A session of its own keeps the terminal's Ctrl-C from it: the demo stops its processes in order.
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    *("-m", "coachdash.demo.leash", str(os.getpid())),
                    *(sys.executable, *command),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def check(self) -> None:
        """See that it runs.

        Raises:
            DemoError: it has ended; with the last lines of its log.
        """
        status = self._process.poll()
        if status is not None:
            how = f"ended with status {status}" if status >= 0 else f"was killed by signal {-status}"
            raise DemoError(f"The {self.name} {how}. The end of its log, {self._log}:\n\n{self._tail()}")

    def stop(self) -> None:
        """End it, with whatever it has started in its session."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(self._patience)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def _tail(self) -> str:
        with self._log.open(errors="replace") as lines:
            return "".join(f"    {line}" for line in deque(lines, maxlen=_TAIL_LINES)).rstrip() or "    (nothing)"
