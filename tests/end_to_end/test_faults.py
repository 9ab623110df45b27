"""A platform that fails now and then, and three accounts for which it always does."""

from collections.abc import Mapping
from typing import Any

import pytest

from gameplatform.models import SyncRun, SyncState
from gameplatform.simulator.people import Competitor
from tests.gameplatform.platform import Platform

from .conftest import LATENCY
from .mirror import check_mirror
from .syncs import ask_for_sync, succeeded, sync

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker")]

CAUSES = ("NOT_FOUND", "FORBIDDEN", "BAD_RESPONSE")


def test_every_account_but_the_three_failing_ones_is_right(platform: Platform) -> None:
    platform.faults(
        latency_ms=LATENCY, rate5xx=0.10, rate429=0.05, rate_dropped=0.02, rate_malformed=0.01, failing_accounts=3
    )
    id_ = ask_for_sync(batchSize=30)

    result: dict[str, Any] = succeeded(id_).result or {}

    failing = dict(zip(first_accounts(platform, 3), CAUSES, strict=True))
    check_mirror(platform, but=failing)
    assert causes(result["failures"]) == failing
    assert causes(SyncRun.objects.get(job_id=id_).failures) == failing
    errors = SyncState.objects.exclude(error_code="").values_list("pk", "error_code")
    assert {str(pk): code for pk, code in errors} == failing
    counts = result["competitors"]
    assert counts["failed"] == 3
    assert counts["synced"] + counts["skipped"] == counts["total"] - 3


def test_accounts_that_failed_are_right_once_the_platform_is_well(platform: Platform) -> None:
    platform.faults(failing_accounts=3)
    assert sync()["competitors"]["failed"] == 3
    platform.faults()

    assert sync(forceFullSync=True)["failures"] == []

    check_mirror(platform)
    assert not SyncState.objects.exclude(error_code="").exists()


def first_accounts(platform: Platform, count: int) -> list[str]:
    """The ids of the first competitors whom the platform knows."""
    people: tuple[Competitor, ...] = platform.simulation.platform.world.competitors
    return [str(person.syned_user_id) for person in people if person.status is not None][:count]


def causes(failures: list[Mapping[str, str]]) -> dict[str, str]:
    """The error code of each account that failed."""
    return {failure["account"]: failure["code"] for failure in failures}
