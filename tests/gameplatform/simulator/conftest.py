"""A simulator on a real socket, its clock standing still, new for every test."""

from collections.abc import Iterator

import pytest

from gameplatform.simulator.background import running
from gameplatform.simulator.simulation import simulation
from gameplatform.simulator.world import World

from .caller import OPENED_AT, Caller


@pytest.fixture
def caller() -> Iterator[Caller]:
    world = simulation(World(seed=1, competitors=40, coaches=2), speed=0, opened_at=OPENED_AT)
    with running(world) as address:
        caller = Caller(running=address, simulation=world)
        yield caller
        caller.session.close()
