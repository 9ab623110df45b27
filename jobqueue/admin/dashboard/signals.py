"""Why is data not arriving? The links of the chain from the switch to the failing job, each with its place."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from django.db.models import F
from django.urls import reverse

from jobqueue.dashboard_parts import Signal
from jobqueue.health import CAP, Check, Level
from jobqueue.models import Failure
from jobqueue.templatetags.jobqueue_pages import task_label
from jobqueue.templatetags.jobqueue_times import relative
from jobqueue.throughput import TypeSummary

_ORDER = list(Level)


def worst(levels: Sequence[Level]) -> Level:
    """The worst of some levels; healthy if there are none."""
    return max(levels, key=_ORDER.index, default=Level.HEALTHY)


def headline(signals: Sequence[Signal], processing: str) -> str:
    """The answer in a few words.

    Args:
        processing: the value of that check, such as "paused".
    """
    broken = [signal.label for signal in signals if signal.level == Level.CRITICAL]
    doubtful = [signal.label for signal in signals if signal.level == Level.WARNING]
    if broken:
        return f"Broken: {', '.join(broken)}"
    if processing in ("paused", "disabled"):
        return "Processing is off: no job starts"
    return f"Running, but have a look at: {', '.join(doubtful)}" if doubtful else "Everything runs"


def queue_signals(checks: Mapping[str, Check], last_hour: Sequence[TypeSummary]) -> Sequence[Signal]:
    """What the queue itself says, from the checks of `health.py`.

    Args:
        last_hour: by task type.
    """
    if "worker" not in checks:
        database = checks["database"]
        return [Signal(label="Database", level=database.level, message=database.message)]
    return [
        _one("Processing", checks["processing"], reverse("admin:jobqueue_pause_changelist")),
        _one("Workers", checks["worker"], reverse("admin:jobqueue_worker_changelist")),
        replace(
            _one("Schedules", checks["scheduler"], reverse("admin:jobqueue_schedule_changelist")),
            permission="jobqueue.view_schedule",  # it names those that are late
        ),
        _waiting(checks),
        _failing(checks, last_hour),
        _one("Running", _said(checks["stuckJobs"], "No job runs for longer than it should."), _jobs("running")),
    ]


def _waiting(checks: Mapping[str, Check]) -> Signal:
    """The worst of what is said about jobs that wait."""
    asked = [checks["overdueJobs"], checks["oldestPendingJob"], checks["pendingJobs"]]
    chosen = max(asked, key=lambda check: _ORDER.index(check.level))
    if chosen.level == Level.HEALTHY:
        chosen = checks["oldestPendingJob"]
    return _one("Waiting", chosen, _jobs("pending"))


def _failing(checks: Mapping[str, Check], last_hour: Sequence[TypeSummary]) -> Signal:
    failed, dead = checks["failedJobs"], checks["deadJobs"]
    lately = sum(one.ended_badly for one in last_hour)
    level = worst([failed.level, dead.level, Level.WARNING if lately else Level.HEALTHY])
    if not failed.value and not dead.value and not lately:
        return Signal(label="Failures", level=level, message="No job has failed.", url=_jobs("failed"))
    message = f"{_number(failed.value)} failed, {_number(dead.value)} dead; in the last hour {lately:,}."
    status = "failed" if failed.value or not dead.value else "dead"
    return Signal(label="Failures", level=level, message=f"{message} {_latest()}".strip(), url=_jobs(status))


def _number(number: int) -> str:
    return f"{number:,} or more" if number >= CAP else f"{number:,}"


def _latest() -> str:
    """What failed last, in a sentence."""
    latest = Failure.objects.order_by(F("last_seen_at").desc()).first()
    if latest is None:
        return ""
    return f"Last {relative(latest.last_seen_at)}: {task_label(latest.task_type)}, {latest.error_code}."


def _one(label: str, check: Check, url: str) -> Signal:
    return Signal(label=label, level=check.level, message=check.message, url=url)


def _said(check: Check, if_well: str) -> Check:
    return check if check.level != Level.HEALTHY else Check(level=check.level, value=check.value, message=if_well)


def _jobs(status: str) -> str:
    return f"{reverse('admin:jobqueue_job_changelist')}?{urlencode({'status': status})}"
