"""Collections and scorings of the same accounts at the same time."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from gameplatform.models import Snapshot
from tests.gameplatform.collection.collecting import collect
from tests.gameplatform.platform import Platform

from .scoring import expected, score, scored


@pytest.mark.django_db(transaction=True)
def test_nothing_that_was_collected_stays_unscored(platform: Platform, settings: Settings) -> None:
    settings.GAME_PLATFORM["BATCH_SIZE"] = 5
    accounts = platform.link(platform.people())
    errors: list[BaseException] = []

    def repeat(act: Callable[[], object]) -> None:
        try:
            for _ in range(4):
                act()
        except BaseException as error:  # noqa: BLE001  shown by the assertion below
            errors.append(error)
        finally:
            connection.close()

    acts = (lambda: collect(collectors=["solves"]), lambda: collect(collectors=["events"]), score, score)
    threads = [threading.Thread(target=repeat, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    score()

    assert errors == []
    assert Snapshot.objects.count() == 8 * len(accounts)
    assert scored() == expected()
