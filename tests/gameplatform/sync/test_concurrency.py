"""Calls in parallel, and syncs in parallel."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from gameplatform.models import SyncState
from tests.gameplatform.platform import Platform, mirrored, true_figures

from .syncing import sync


@pytest.mark.django_db
def test_calls_run_side_by_side_up_to_the_limit(platform: Platform, settings: Settings) -> None:
    settings.GAME_PLATFORM["CONCURRENCY"] = 4
    platform.link(platform.people())
    platform.faults(latency_ms=20)

    sync(batch_size=100)

    assert platform.requests()["peak_concurrency"] == 4


@pytest.mark.django_db(transaction=True)
def test_overlapping_syncs_of_the_same_accounts_agree(platform: Platform) -> None:
    accounts = platform.link(platform.people())
    errors: list[BaseException] = []

    def one_sync(batch_size: int) -> None:
        try:
            sync(full=True, batch_size=batch_size)
        except BaseException as error:  # noqa: BLE001  shown by the assertion below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one_sync, args=[size]) for size in (3, 5, 26)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    truth = platform.truth()
    assert all(mirrored(account.pk) == true_figures(truth[str(account.pk)]) for account in accounts)
    assert SyncState.objects.filter(last_full_at__gt=timezone.now() - timedelta(minutes=1)).count() == len(accounts)
