"""The mirror's metrics."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from prometheus_client.core import Metric

from gameplatform.metrics import families
from gameplatform.models import Account, SyncRun, SyncState

pytestmark = pytest.mark.django_db


def found() -> dict[str, dict[str, float]]:
    """The values by family and label."""

    def values(family: Metric) -> dict[str, float]:
        return {"".join(sample.labels.values()): sample.value for sample in family.samples}

    return {family.name: values(family) for family in families()}


def test_freshness_is_told_of_the_best_and_of_the_worst_account() -> None:
    coach = User.objects.create_user("coach")
    now = timezone.now()
    for minutes, failures in ((1, 0), (60, 3), (None, 0)):
        account = Account.objects.create(coach=coach, status="approved", link_state="linked")
        if minutes is not None:
            SyncState.objects.create(
                account=account,
                last_success_at=now - timedelta(minutes=minutes),
                next_due=now + timedelta(hours=1),
                consecutive_failures=failures,
                error_code="NETWORK_ERROR" if failures else "",
            )

    metrics = found()

    assert metrics["gameplatform_accounts"] == {"synced": 2, "never": 1, "failing": 1, "overdue": 0}
    assert metrics["gameplatform_sync_age_seconds"]["freshest"] == pytest.approx(60, abs=30)
    assert metrics["gameplatform_sync_age_seconds"]["stalest"] == pytest.approx(3600, abs=30)


def test_calls_are_those_of_the_last_hour() -> None:
    SyncRun.objects.create(kind="sync", requests=7, failed=1)
    SyncRun.objects.create(kind="sync", requests=100, started_at=timezone.now() - timedelta(hours=2))

    metrics = found()

    assert metrics["gameplatform_calls_last_hour"] == {"": 7}
    assert metrics["gameplatform_sync_failures_last_hour"] == {"": 1}
    assert metrics["gameplatform_sync_runs_last_hour"] == {"": 1}


def test_an_empty_mirror_has_metrics_too() -> None:
    assert found()["gameplatform_accounts"]["synced"] == 0
