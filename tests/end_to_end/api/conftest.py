"""A served API with something in it, and a token for all of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import server
from tests.end_to_end.api.site import CRON_SECRET, RUNNER_SECRET, Site, fill

OFTEN = 1_000_000_000


@pytest.fixture
def cycles_at_once() -> int:
    """How many worker cycles the worker endpoint starts; a test may say otherwise."""
    return 2


@pytest.fixture
def site(transactional_db: None, tmp_path: Path, cycles_at_once: int) -> Iterator[Site]:
    """The site, which lets its callers call as often as they like."""
    secret = fill()
    log = tmp_path / "server.log"
    settings = {
        "RUNNER_SECRETS": [RUNNER_SECRET],
        "CRON_SECRETS": [CRON_SECRET],
        "CYCLES_AT_ONCE": cycles_at_once,
        "API_CALLS_PER_MINUTE": OFTEN,
        "API_STRANGERS_PER_MINUTE": OFTEN,
    }
    with server.running(log, settings) as address:
        yield Site(address=address, token=secret, log=log)
    print(f"--- the server said ---\n{log.read_text()[-8000:]}")
