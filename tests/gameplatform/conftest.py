"""A simulated platform on a real socket and a mirror that knows its competitors."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from gameplatform.simulator.background import running
from gameplatform.simulator.simulation import simulation
from gameplatform.simulator.world import World

from .job import FakeJob
from .platform import Platform


@pytest.fixture
def job() -> FakeJob:
    return FakeJob()


@pytest.fixture
def platform(settings: Settings) -> Iterator[Platform]:
    """Its clock stands still at the present; settings point at it, with short waits."""
    world = simulation(World(seed=1, competitors=40, coaches=2), speed=0)
    with running(world) as address:
        settings.GAME_PLATFORM = {
            "API_BASE_URL": address.base_url,
            "API_TOKEN": address.token,
            "BACKOFF_SECONDS": 0.01,
        }
        platform = Platform(running=address, simulation=world)
        yield platform
        platform.session.close()
