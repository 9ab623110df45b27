"""The mirror beside the simulator's own figures, and beside the page."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from coachdash import access
from coachdash.demo.comparison import compare
from coachdash.demo.options import Options
from coachdash.statistics.summary import summary
from gameplatform.jobs import SyncPayload, TotalsPayload, game_platform_sync, game_platform_totals_sweep
from gameplatform.models import Solve
from gameplatform.simulator.background import running
from gameplatform.simulator.simulation import simulation
from gameplatform.simulator.world import World
from jobqueue.registry import JobContext
from tests.gameplatform.job import FakeJob

from .conftest import Load


@pytest.fixture
def options(settings: Settings) -> Iterator[Options]:
    """The demo's world on a simulator whose clock stands still."""
    with running(simulation(World(seed=1, competitors=60, coaches=2), speed=0)) as address:
        settings.GAME_PLATFORM = {"API_BASE_URL": address.base_url, "API_TOKEN": address.token}
        port = urlsplit(address.base_url).port
        assert port is not None
        yield Options(port=1, simulator_port=port)


def sync() -> None:
    """A whole sync with its totals, without a worker."""
    game_platform_sync(_job(), SyncPayload(force_full_sync=True, force_flash_ctf_sync=True))
    game_platform_totals_sweep(_job(), TotalsPayload())


def _job() -> JobContext:
    job: object = FakeJob()
    return job  # type: ignore[return-value]  # it has all that the handlers use


def test_after_a_sync_every_figure_is_the_platforms_and_is_on_the_page(load: Load, options: Options) -> None:
    passwords = load()
    sync()
    lines = compare(options)
    assert {line.what for line in lines} == {"accounts", "practice solves", "CTF results", "CTF solves", "points"}
    assert all(line.mirrored == line.truth > 0 for line in lines), lines
    assert str(lines[0]) == "accounts 54 = 54 \N{CHECK MARK}"

    client = Client()
    client.post("/login/", {"username": "manager", "password": passwords["manager"]})
    page = client.get("/dashboard/").content.decode()
    points = next(line.truth for line in lines if line.what == "points")
    assert f"{points:,}" in page
    assert summary(access.competitors(User.objects.get(username="manager"))).points == points


def test_a_difference_is_told(load: Load, options: Options) -> None:
    load()
    sync()
    Solve.objects.filter(source="odl").earliest("pk").delete()
    assert [str(line).split()[-1] for line in compare(options)].count("\N{BALLOT X}") == 1
