"""Calls side by side, or one after the other: the rows are the same."""

import pytest
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from gameplatform.models import Snapshot
from tests.gameplatform.platform import Platform

from .collecting import collect, stored

pytestmark = pytest.mark.django_db


def test_parallel_and_serial_calls_store_the_same(platform: Platform) -> None:
    platform.link(platform.people())
    collect(parallel=True)
    parallel = stored()
    Snapshot.objects.all().delete()

    collect(parallel=False)

    assert stored() == parallel


@pytest.mark.parametrize(("parallel", "peak"), [(True, 4), (False, 1)])
def test_calls_run_side_by_side_only_if_they_may(
    parallel: bool, peak: int, platform: Platform, settings: Settings
) -> None:
    settings.GAME_PLATFORM["CONCURRENCY"] = 4
    platform.link(platform.people())
    platform.faults(latency_ms=10)

    collect(parallel=parallel)

    assert platform.requests()["peak_concurrency"] == peak


@pytest.mark.parametrize("people", [3, 26])
def test_a_batch_costs_the_same_queries_however_many_accounts(
    people: int, platform: Platform, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    platform.link(platform.people()[:people])

    # Count; two pages of each pass, the second one empty; savepoint, lock and insert twice; one deletion.
    with django_assert_num_queries(1 + 3 * 2 + 2 * 4 + 1):
        collect()


def test_no_thread_outlives_the_collection(platform: Platform) -> None:
    import threading

    platform.link(platform.people()[:3])
    collect()

    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("gameplatform")]
