"""The mirror in numbers: how fresh it is, and what it asks of the platform."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q, Sum
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from gameplatform.models import Account, SyncRun

_WINDOW = timedelta(hours=1)


def families() -> Iterator[Metric]:
    """Gauges about accounts and about the runs of the last hour."""
    yield from _freshness()
    yield from _calls()


def _freshness() -> Iterator[Metric]:
    now = timezone.now()
    synced = Q(sync_state__last_success_at__isnull=False)
    found = Account.objects.competitors().aggregate(
        synced=Count("pk", filter=synced),
        never=Count("pk", filter=~synced),
        failing=Count("pk", filter=Q(sync_state__consecutive_failures__gt=0)),
        overdue=Count("pk", filter=Q(sync_state__next_due__lte=now)),
        oldest=Min("sync_state__last_success_at"),
        newest=Max("sync_state__last_success_at"),
    )
    accounts = GaugeMetricFamily(
        "gameplatform_accounts", "Competitors' accounts by how their sync stands.", labels=["sync"]
    )
    for state in ("synced", "never", "failing", "overdue"):
        accounts.add_metric([state], found[state])
    yield accounts
    text = "Since an account was synced: the one that is best off, and the one that is worst off."
    ages = GaugeMetricFamily("gameplatform_sync_age_seconds", text, labels=["account"])
    for label, moment in (("freshest", found["newest"]), ("stalest", found["oldest"])):
        ages.add_metric([label], _age(moment, now))
    yield ages


def _age(moment: datetime | None, now: datetime) -> float:
    return float("nan") if moment is None else max((now - moment).total_seconds(), 0.0)


def _calls() -> Iterator[Metric]:
    recent = SyncRun.objects.filter(started_at__gte=timezone.now() - _WINDOW)
    found = recent.aggregate(requests=Sum("requests", default=0), failed=Sum("failed", default=0), runs=Count("pk"))
    yield GaugeMetricFamily(
        "gameplatform_calls_last_hour",
        "Calls to the platform by the runs begun within the hour.",
        value=found["requests"],
    )
    yield GaugeMetricFamily(
        "gameplatform_sync_failures_last_hour", "Accounts that these runs could not sync.", value=found["failed"]
    )
    yield GaugeMetricFamily("gameplatform_sync_runs_last_hour", "Runs begun within the hour.", value=found["runs"])
