"""The demo's processes together: simulator, worker, web server."""

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from coachdash.demo.child import Child
from coachdash.demo.exceptions import DemoError
from coachdash.demo.load import COACHES, COMPETITORS, SEED
from coachdash.demo.options import HOST, TOKEN, Options

START_SECONDS = 60.0


class Household:
    """Starts processes on demand; at its end stops them, the last one first.

    Args:
        options: where they listen.
        var: the folder for logs and for the simulator's memory.
    """

    def __init__(self, options: Options, var: Path) -> None:
        self._options = options
        self._var = var
        self._logs = var / "log"
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        for log in self._logs.glob("*.log"):
            log.unlink()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._children:
            self._children.pop().stop()

    def start_simulator(self, *, speed: float) -> Child:
        """The game platform; at speed 0 its clock stands still."""
        return self._start(
            "simulator",
            *("manage.py", "gameplatform_simulator", "--host", HOST),
            *("--port", str(self._options.simulator_port), "--token", TOKEN, "--speed", str(speed)),
            *("--seed", str(SEED), "--competitors", str(COMPETITORS), "--coaches", str(len(COACHES))),
            *("--journal", str(self._var / "simulator.journal")),
            patience=5,
        )

    def start_worker(self) -> Child:
        """The worker with its scheduler."""
        return self._start("worker", "manage.py", "run_worker", patience=35)

    def start_web(self) -> Child:
        """The site."""
        return self._start(
            "web server",
            *("-m", "gunicorn", "coachdash.wsgi", "--bind", f"{HOST}:{self._options.port}"),
            *("--workers", "1", "--threads", "4", "--access-logfile", "-", "--no-control-socket"),
            patience=15,
        )

    def stop(self, child: Child) -> None:
        """End one of them now."""
        self._children.remove(child)
        child.stop()

    def check(self) -> None:
        """See that all of them run.

        Raises:
            DemoError: one has ended.
        """
        for child in self._children:
            child.check()

    def wait_for(self, what: str, ready: Callable[[], bool]) -> None:
        """Wait until `ready`, as long as everybody lives.

        Raises:
            DemoError: somebody has died, or it takes too long.
        """
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise DemoError(f"{what} took more than {START_SECONDS:.0f} seconds. Its log is in {self._logs}.")
            time.sleep(0.05)

    def _start(self, name: str, *command: str, patience: float) -> Child:
        log = self._logs / f"{name.replace(' ', '_')}.log"
        child = Child(name, command, log=log, patience=patience)
        self._children.append(child)
        return child
