"""The reporter: keeps the row of a cycle up to date while it runs."""

from collections.abc import Callable
from uuid import UUID

from jobqueue.cycles import record
from jobqueue.cycles.tally import Numbers, Tally
from jobqueue.worker.service import Service

_BETWEEN_REPORTS = 0.5


class Reporter(Service):
    """Writes when there is something new."""

    def __init__(self, cycle: UUID, worker: UUID, tally: Tally, on_crash: Callable[[], None]) -> None:
        super().__init__("reporter", on_crash)
        self._cycle = cycle
        self._worker = worker
        self._tally = tally
        self._told: Numbers | None = None

    def step(self) -> None:
        """One report, then a pause."""
        numbers = self._tally.numbers()
        if numbers != self._told:
            record.update(self._cycle, self._worker, numbers)
            self._told = numbers
        self.stopping.wait(_BETWEEN_REPORTS)
