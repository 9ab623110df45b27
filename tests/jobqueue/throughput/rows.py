"""Rows of throughput as a worker leaves them."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from jobqueue.models import Throughput


def minutes_ago(minutes: float) -> datetime:
    """The beginning of that minute."""
    return (timezone.now() - timedelta(minutes=minutes)).replace(second=0, microsecond=0)


def ran(start: datetime, count: int = 1, **fields: Any) -> None:
    """So many executions of a second each in the minute that starts then."""
    given: dict[str, Any] = {
        "task_type": "noop",
        "outcome": "succeeded",
        "status": "succeeded",
        "slot": 7,
        "seconds": float(count),
        "longest": 1.0,
        "waited": count,
        "wait_seconds": count * 0.5,
        "longest_wait": 0.5,
        "durations": [0, 0, 0, 0, count, 0, 0, 0, 0, 0, 0],
    }
    Throughput.objects.create(start=start, count=count, **{**given, **fields})
