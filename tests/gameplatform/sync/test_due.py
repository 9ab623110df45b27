"""Tiers of activity, and the growing wait after failures."""

from datetime import UTC, datetime, timedelta

import pytest

from gameplatform.conf import Conf
from gameplatform.sync.due import after_failure, after_success

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "wait"),
    [
        (timedelta(0), timedelta(seconds=20)),
        (timedelta(days=14), timedelta(seconds=20)),
        (timedelta(days=15), timedelta(minutes=10)),
        (timedelta(days=90), timedelta(minutes=10)),
        (timedelta(days=91), timedelta(minutes=100)),
        (timedelta(days=-1), timedelta(seconds=20)),
    ],
)
def test_the_longer_an_account_is_quiet_the_more_rarely_it_is_due(quiet: timedelta, wait: timedelta) -> None:
    assert after_success(NOW, NOW - quiet, Conf()) == NOW + wait


@pytest.mark.parametrize(("failures", "minutes"), [(1, 1), (2, 2), (3, 4), (9, 256), (10, 360), (10_000, 360)])
def test_each_failure_doubles_the_wait_up_to_six_hours(failures: int, minutes: int) -> None:
    assert after_failure(NOW, failures, Conf()) == NOW + timedelta(minutes=minutes)
