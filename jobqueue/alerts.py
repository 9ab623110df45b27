"""Alerts: raised once, logged, shown until they are cleared."""

import logging
from collections.abc import Collection
from datetime import datetime

from jobqueue.models import Alert, Schedule
from jobqueue.models.alert import AlertKind

log = logging.getLogger("jobqueue.alerts")
"""A project that wants mail sets a handler for this logger, such as Django's AdminEmailHandler."""


def raise_alert(kind: AlertKind, schedule: Schedule, message: str, now: datetime) -> bool:
    """Raise it unless it is open already; returns whether it is new."""
    alert = Alert(kind=kind, subject=schedule.name, schedule=schedule, message=message, raised_at=now)
    # The partial unique index decides, whoever else notices at the same time.
    Alert.objects.bulk_create([alert], ignore_conflicts=True)
    is_new = Alert.objects.filter(kind=kind, subject=schedule.name, cleared_at=None, raised_at=now).exists()
    if is_new:
        log.error("%s", message)
    return is_new


def clear_alerts(kind: AlertKind, schedules: Collection[int], now: datetime) -> None:
    """These schedules are well again."""
    if schedules:
        Alert.objects.filter(kind=kind, cleared_at=None, schedule__in=schedules).update(cleared_at=now)


def rename_alerts(schedule: Schedule) -> None:
    """Its open alerts are found by its new name."""
    Alert.objects.filter(schedule=schedule, cleared_at=None).update(subject=schedule.name)


def open_alerts() -> list[Alert]:
    """The open ones, latest first; 100 at most."""
    return list(Alert.objects.filter(cleared_at=None).select_related("schedule")[:100])
