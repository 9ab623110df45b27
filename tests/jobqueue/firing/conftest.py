"""A clock that stands until it is moved."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from time_machine import Traveller

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Traveller]:
    """The application's clock, standing at noon."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller
