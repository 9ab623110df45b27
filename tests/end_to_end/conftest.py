"""The whole system: a simulated platform on a socket, a roster, workers as processes, a database they all see."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from time import time
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from coachdash.demo.roster import load_accounts, load_roster
from gameplatform.simulator.background import running
from gameplatform.simulator.simulation import simulation
from gameplatform.simulator.world import World
from tests.gameplatform.platform import Platform
from tests.jobqueue.worker.processes import WorkerProcess

pytest.register_assert_rewrite("tests.end_to_end.mirror")

type StartWorker = Callable[..., WorkerProcess]

LATENCY = 50  # milliseconds of every call, so that a sync lasts long enough to be disturbed
_OPENED = 2 * 3600  # seconds ago, so that the clock can be moved without reaching the future


@pytest.fixture(autouse=True)
def _collected_static_files(settings: Settings, tmp_path: Path) -> None:
    # Nobody collects them for tests, and whitenoise would rightly complain.
    settings.STATIC_ROOT = tmp_path


@pytest.fixture
def platform() -> Iterator[Platform]:
    """Its clock stands still, two hours ago."""
    world = simulation(World(seed=1, competitors=100, coaches=2), speed=0, opened_at=int(time()) - _OPENED)
    with running(world) as address:
        platform = Platform(running=address, simulation=world)
        platform.faults(latency_ms=LATENCY)
        yield platform
        platform.session.close()


@pytest.fixture
def coaches(transactional_db: None, platform: Platform) -> dict[UUID, User]:
    """The coaches by their platform id, with their students and the accounts that these have."""
    world = platform.simulation.platform.world
    coaches = {
        coach.syned_user_id: User.objects.create_user(
            f"coach{coach.index}", first_name=coach.first_name, last_name=coach.last_name
        )
        for coach in world.coaches
    }
    load_roster(world, coaches)
    load_accounts(world, coaches)
    return coaches


@pytest.fixture
def start_worker(coaches: dict[UUID, User], platform: Platform, tmp_path: Path) -> Iterator[StartWorker]:
    """Starts workers that sync from the simulated platform; all are gone when the test ends."""
    address = {
        "GAME_PLATFORM_API_BASE_URL": platform.running.base_url,
        "GAME_PLATFORM_API_TOKEN": platform.running.token,
    }
    numbers = count()
    with ExitStack() as ends:

        def start(*arguments: str, **overrides: Any) -> WorkerProcess:
            log = tmp_path / f"worker-{next(numbers)}.log"
            worker = WorkerProcess(log, ("--concurrency", "2", *arguments), variables=address, **overrides)
            ends.callback(_end, worker)
            worker.wait_until_ready()
            return worker

        yield start


@pytest.fixture
def worker(start_worker: StartWorker) -> WorkerProcess:
    """One worker."""
    return start_worker()


def _end(worker: WorkerProcess) -> None:
    try:
        worker.end()
    finally:
        print(f"--- {worker.log.name} ---\n{worker.log.read_text()}")
