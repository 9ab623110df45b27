"""The game platform on the admin's dashboard: does it answer, how much is asked of it, what does it refuse?"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db.models import Count, Max, Min, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from gameplatform.conf import conf
from gameplatform.models import SyncRun, SyncState
from gameplatform.sync.options import TASK_TYPE as SYNC
from jobqueue.api import DashboardPart, Level, Reading, Schedule, Signal

_LATELY = timedelta(hours=1)
_MOST_ERRORS = 3
_LABEL = "Game platform"


def read() -> Reading:
    """By five queries, none of them over jobs. The pace of calls is each process's own, so it is not told."""
    now = timezone.now()
    accounts = SyncState.objects.aggregate(
        total=Count("pk"), failing=Count("pk", filter=Q(consecutive_failures__gt=0)), answered=Max("last_success_at")
    )
    failing = SyncState.objects.filter(consecutive_failures__gt=0).values("error_code")
    latest = SyncRun.objects.first()
    lately = SyncRun.objects.filter(started_at__gt=now - _LATELY).aggregate(
        runs=Count("pk"), requests=Sum("requests"), solves=Sum("solves_added"), failed=Sum("failed")
    )
    context = {
        "provider": conf().PROVIDER,
        "host": urlsplit(conf().API_BASE_URL).netloc,
        "is_enabled": conf().ENABLED,
        "accounts": accounts,
        "errors": list(failing.annotate(number=Count("pk")).order_by("-number", "error_code")[:_MOST_ERRORS]),
        "lately": lately,
        "latest": latest,
    }
    return Reading(context=context, signals=[_signal(accounts, latest, now), _schedule_signal()])


def relative(moment: datetime, now: datetime) -> str:
    """How long ago, in words: "within the last minute", "3 minutes ago"."""
    if now - moment < timedelta(minutes=1):
        return "within the last minute"
    return f"{timesince(moment, now, depth=1)} ago"


def _signal(accounts: Mapping[str, Any], latest: SyncRun | None, now: datetime) -> Signal:
    url = reverse("admin:gameplatform_syncrun_changelist")
    if not conf().ENABLED:
        message = "The integration is switched off by GAME_PLATFORM_INTEGRATION_ENABLED."
        return Signal(label=_LABEL, level=Level.WARNING, message=message, url=url)
    if latest is not None and latest.error:
        return Signal(label=_LABEL, level=Level.CRITICAL, message=f"The latest run stopped: {latest.error}", url=url)
    total, failing, answered = accounts["total"], accounts["failing"], accounts["answered"]
    if answered is None:
        return Signal(
            label=_LABEL, level=Level.WARNING, message="It has not been asked about any account yet.", url=url
        )
    said = f"It last answered {relative(answered, now)}"
    if not failing:
        return Signal(label=_LABEL, level=Level.HEALTHY, message=f"{said}.", url=url)
    level = Level.CRITICAL if failing == total else Level.WARNING
    return Signal(
        label=_LABEL, level=level, message=f"{said}; calls for {failing:,} of {total:,} accounts fail.", url=url
    )


def _schedule_signal() -> Signal:
    """Whether anything syncs by itself: a schedule that is switched off is late for nobody else."""
    found = Schedule.objects.filter(task_type=SYNC, is_active=True).aggregate(
        number=Count("pk"), next=Min("next_run_at")
    )
    url = f"{reverse('admin:jobqueue_schedule_changelist')}?{urlencode({'q': SYNC})}"
    label, permission = "Sync schedule", "jobqueue.view_schedule"
    if not found["number"]:
        message = "Nothing syncs by itself: every schedule of the sync is switched off."
        return Signal(label=label, level=Level.WARNING, message=message, url=url, permission=permission)
    message = "The next sync is due now."
    if found["next"] is not None and (wait := found["next"] - timezone.now()) > timedelta():
        message = f"The next sync is due in {_say(wait)}."
    return Signal(label=label, level=Level.HEALTHY, message=message, url=url, permission=permission)


def _say(wait: timedelta) -> str:
    """A span to come, in whole minutes: "less than a minute", "12 minutes", "2 hours"."""
    now = timezone.now()
    return timesince(now - wait, now, depth=1) if wait >= timedelta(minutes=1) else "less than a minute"


PLATFORM = DashboardPart(title="Game platform", template="gameplatform/_dashboard.html", read=read)
