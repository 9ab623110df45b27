"""Solves per day."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone

from coachdash import access
from coachdash.statistics.trend import DAYS, trend
from coachdash.templatetags.coachdash_bars import HEIGHT, bars
from gameplatform.models import FlashEvent
from tests.coachdash import factories

MIDDAY = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today() -> object:
    with time_machine.travel(MIDDAY, tick=False):
        yield


def test_every_day_counts_its_own_solves_up_to_today(alice: User, bob: User) -> None:
    ada = factories.playing(alice, "Ada Finch")
    event = FlashEvent.objects.create(name="Night Shift", starts_at=MIDDAY)
    factories.solve(ada, 100, at=MIDDAY)
    factories.solve(ada, 100, at=MIDDAY, ctf=event)
    factories.solve(ada, 100, at=MIDDAY - timedelta(days=DAYS - 1, hours=12))
    factories.solve(ada, 100, at=MIDDAY - timedelta(days=DAYS - 1, hours=12, seconds=1))
    factories.solve(factories.playing(bob, "Ivo Moss"), 100, at=MIDDAY)
    found = trend(access.competitors(alice))
    assert len(found.days) == DAYS
    assert found.days[-1].date == date(2026, 3, 10)
    assert (found.days[-1].practice, found.days[-1].ctf, found.days[0].solves) == (1, 1, 1)
    assert found.solves == 3
    assert found.best == found.days[-1]


def test_a_day_begins_at_midnight_of_the_reader(alice: User) -> None:
    ada = factories.playing(alice, "Ada Finch")
    factories.solve(ada, 100, at=datetime(2026, 3, 10, 3, 0, tzinfo=UTC))
    with timezone.override("America/New_York"):
        found = trend(access.competitors(alice))
    assert [day.solves for day in found.days[-2:]] == [1, 0]


def test_bars_stand_on_the_ground_and_the_best_reaches_the_top(alice: User) -> None:
    ada = factories.playing(alice, "Ada Finch")
    event = FlashEvent.objects.create(name="Night Shift", starts_at=MIDDAY)
    for ctf in (None, None, event, event):
        factories.solve(ada, 100, at=MIDDAY, ctf=ctf)
    factories.solve(ada, 100, at=MIDDAY - timedelta(days=1))
    *_, yesterday, today = bars(trend(access.competitors(alice)))["bars"]
    assert (today.practice_top, today.practice_height) == (HEIGHT // 2, HEIGHT // 2)
    assert (today.ctf_top, today.ctf_height) == (0, HEIGHT // 2)
    assert (yesterday.practice_top, yesterday.practice_height, yesterday.ctf_height) == (75, 25, 0)
