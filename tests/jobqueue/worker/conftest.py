"""Workers as processes of their own, over a database that they and the tests see alike."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from .effects import table_of_runs
from .processes import WorkerProcess
from .wire import Wire

type StartWorker = Callable[..., WorkerProcess]

_TABLES = tuple(
    f"jobqueue_{name}"
    for name in ("job", "attempt", "logline", "dependency", "worker", "workercycle", "failure", "effect", "pause")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the database made for these tests, but not emptied after each: the worker of a module is in it."""
    for item in items:
        if "database" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db(transaction=True, available_apps=[]))


@pytest.fixture(scope="module")
def database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database without a transaction around the test, which a worker could not see into."""
    with django_db_blocker.unblock():
        yield
        connection.close()


@pytest.fixture
def start_worker(database: None, tmp_path: Path) -> Iterator[StartWorker]:
    """Starts workers of the test's own: `start_worker("--queues", "mail", POLL_SECONDS=60)`."""
    with _workers(tmp_path) as start:
        yield start


@pytest.fixture
def wire(database: None) -> Iterator[Wire]:
    """For workers that are started with `variables={"DATABASE_URL": wire.url}`."""
    with Wire() as wire:
        yield wire


@pytest.fixture
def runs_table(database: None) -> Iterator[None]:
    """Where the handler `note_run` leaves its rows."""
    with table_of_runs():
        yield


@pytest.fixture(scope="module")
def worker(database: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    """One worker for all tests of a module: what one of them does to it, the next would notice."""
    with _workers(tmp_path_factory.mktemp("worker")) as start:
        yield start()


@contextmanager
def _workers(folder: Path) -> Iterator[StartWorker]:
    started: list[WorkerProcess] = []

    def start(*arguments: str, is_ready: bool = True, **how: Any) -> WorkerProcess:
        worker = WorkerProcess(folder / f"worker-{len(started)}.log", arguments, **how)
        started.append(worker)
        if is_ready:
            worker.wait_until_ready()
        return worker

    try:
        yield start
    finally:
        with ExitStack() as ends:
            ends.callback(_empty_tables)
            for worker in started:
                ends.callback(_show, worker.log)
                ends.callback(worker.end)


def _show(log: Path) -> None:
    """pytest prints it if the test fails."""
    print(f"--- {log.name} ---\n{log.read_text()}")


def _empty_tables() -> None:
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
