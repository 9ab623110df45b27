"""Workers as processes of their own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.jobqueue.worker.processes import WorkerProcess

type StartWorker = Callable[..., WorkerProcess]


@pytest.fixture
def start_worker(transactional_db: None, tmp_path: Path) -> Iterator[StartWorker]:
    """Starts workers; all are gone when the test ends."""
    numbers = count()
    with ExitStack() as ends:

        def start(**overrides: Any) -> WorkerProcess:
            log = tmp_path / f"worker-{next(numbers)}.log"
            worker = WorkerProcess(log, ("--concurrency", "2", "--no-scheduler"), **overrides)
            ends.callback(_end, worker)
            worker.wait_until_ready()
            return worker

        yield start


def _end(worker: WorkerProcess) -> None:
    try:
        worker.end()
    finally:
        print(f"--- {worker.log.name} ---\n{worker.log.read_text()}")
