"""Is the queue well? A few bounded questions, each answered with a number, a level and a sentence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import Max, Q
from django.utils import timezone

from jobqueue.conf import conf
from jobqueue.deadman import late_schedules
from jobqueue.durations import say_duration
from jobqueue.exceptions import JobQueueError
from jobqueue.models import Job, Pause, Schedule, SchedulerBeat, Worker
from jobqueue.models.pause import PauseScope
from jobqueue.models.scheduler_beat import TickSource
from jobqueue.planner import by_index
from jobqueue.registry import registry
from jobqueue.states import Priority, Status

CAP = 10_000
"""Nothing is counted further; a number of `CAP` means that or more."""
_MOST_RUNNING = 1_000


class Level(StrEnum):
    """How well, the best first."""

    HEALTHY = "healthy"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, kw_only=True)
class Check:
    """The answer to one question."""

    level: Level
    value: Any
    """A number, a time in seconds, or a word; None for nothing to measure."""
    message: str


@dataclass(frozen=True, kw_only=True)
class Health:
    """All answers, and the worst of their levels."""

    status: Level
    checks: Mapping[str, Check]

    def to_json(self) -> dict[str, Any]:
        """As the command and the API answer: `{status, checks: {name: {level, value, message}}}`."""
        checks = {
            name: {"level": check.level.value, "value": check.value, "message": check.message}
            for name, check in self.checks.items()
        }
        return {"status": self.status.value, "checks": checks}


def check() -> Health:
    """Ask all questions, by a fixed number of queries; a database that does not answer is critical itself."""
    try:
        checks = {"database": Check(level=Level.HEALTHY, value="up", message="The database answers.")}
        for ask in _QUESTIONS:
            checks |= ask()
    except (OperationalError, InterfaceError) as error:
        first_line = str(error).strip().partition("\n")[0]
        message = f"The database does not answer: {first_line}"
        checks = {"database": Check(level=Level.CRITICAL, value="down", message=message)}
    order = list(Level)
    return Health(status=max((one.level for one in checks.values()), key=order.index), checks=checks)


# -- how many there are -----------------------------------------------------------------------------------------

_COUNTED = (Status.PENDING, Status.RUNNING, Status.FAILED, Status.DEAD)
# One statement with the states as constants, so that the planner knows from its statistics which are rare.
_BY_STATUS = " UNION ALL ".join(
    f"SELECT '{status}', count(*) FROM (SELECT FROM jobqueue_job WHERE status = '{status}' LIMIT {CAP}) AS {status}"  # noqa: S608  constants only
    for status in _COUNTED
)


def _counts() -> dict[str, Check]:
    settings = conf()
    with by_index() as cursor:
        cursor.execute(_BY_STATUS)
        found: dict[str, int] = dict(cursor.fetchall())
    return {
        "pendingJobs": _counted(found, Status.PENDING, settings.HEALTH_PENDING),
        "runningJobs": _counted(found, Status.RUNNING, None),
        "failedJobs": _counted(found, Status.FAILED, settings.HEALTH_FAILED),
        "deadJobs": _counted(found, Status.DEAD, settings.HEALTH_FAILED),
    }


def _counted(found: Mapping[str, int], status: Status, most: int | None) -> Check:
    number = found[status]
    message = f"{_number(number)} {status}"
    if most is None or number <= most:
        return Check(level=Level.HEALTHY, value=number, message=f"{message}.")
    return Check(level=Level.WARNING, value=number, message=f"{message}, more than {most:,}.")


# -- what takes too long ----------------------------------------------------------------------------------------

# The claim's own index, level by level: what is due, longest first, and how much of it for too long.
_DUE = " UNION ALL ".join(
    f"(SELECT job.run_at FROM jobqueue_job AS job WHERE job.status IN ('pending', 'retrying') AND job.blockers = 0"  # noqa: S608  constants only
    f" AND job.priority = {level} AND job.run_at <= {{moment}} ORDER BY job.run_at LIMIT {{limit}})"
    for level in Priority.values
)
_OLDEST = f"SELECT min(run_at) FROM ({_DUE.format(moment='statement_timestamp()', limit=1)}) AS due"  # noqa: S608
_OVERDUE = (
    f"SELECT count(*) FROM (SELECT FROM ({_DUE.format(moment='%(moment)s', limit=CAP)}) AS due LIMIT {CAP}) AS late"  # noqa: S608  constants only
)


def _due() -> dict[str, Check]:
    settings, now = conf(), timezone.now()
    with by_index() as cursor:
        cursor.execute(_OLDEST)
        (oldest,) = cursor.fetchone() or (None,)
        cursor.execute(_OVERDUE, {"moment": now - settings.HEALTH_OVERDUE})
        (overdue,) = cursor.fetchone() or (0,)
    return {
        "oldestPendingJob": _oldest(oldest, now, settings.HEALTH_OLDEST_PENDING),
        "overdueJobs": _too_many(overdue, "due", settings.HEALTH_OVERDUE),
    }


def _oldest(run_at: datetime | None, now: datetime, most: timedelta) -> Check:
    if run_at is None:
        return Check(level=Level.HEALTHY, value=None, message="No job that could run is waiting.")
    age = max(now - run_at, timedelta())
    level = Level.WARNING if age > most else Level.HEALTHY
    return Check(
        level=level, value=round(age.total_seconds()), message=f"The oldest has been due for {say_duration(age)}."
    )


def _too_many(number: int, state: str, least: timedelta) -> Check:
    if not number:
        return Check(level=Level.HEALTHY, value=0, message=f"None has been {state} for {say_duration(least)}.")
    have = "has" if number == 1 else "have"
    message = f"{_number(number)} {have} been {state} for {say_duration(least)} or longer."
    return Check(level=Level.WARNING, value=number, message=message)


def _stuck() -> dict[str, Check]:
    least, now = conf().HEALTH_STUCK, timezone.now()
    long = Job.objects.running().filter(started_at__lte=now - least).order_by()
    with by_index():
        rows = list(long.values_list("task_type", "started_at", "timeout")[:_MOST_RUNNING])
    number = sum(
        started_at is not None and now - started_at >= (timeout or _timeout_of(task_type))
        for task_type, started_at, timeout in rows
    )
    return {"stuckJobs": _too_many(number, "running", least)}


def _timeout_of(task_type: str) -> timedelta:
    try:
        return registry.get(task_type).timeout or conf().DEFAULT_TIMEOUT
    except JobQueueError:
        return conf().DEFAULT_TIMEOUT


# -- who does the work ------------------------------------------------------------------------------------------


def _worker() -> dict[str, Check]:
    settings, now = conf(), timezone.now()
    beating = Q(stopped_at=None, lost_at=None, beat_at__gt=now - timedelta(seconds=settings.LOST_AFTER_SECONDS))
    found = Worker.objects.aggregate(last=Max("beat_at"))
    number = Worker.objects.filter(beating).count()
    last: datetime | None = found["last"]
    silence = None if last is None else max(now - last, timedelta())
    if silence is None:
        level, message = Level.CRITICAL, "No worker has run lately: start one with manage.py run_worker."
    elif silence >= timedelta(seconds=_longest_silence()):
        level, message = Level.CRITICAL, f"No worker has beaten for {say_duration(silence)}."
    else:
        level, message = Level.HEALTHY, f"{number:,} {'worker runs' if number == 1 else 'workers run'}."
    ping = Check(
        level=Level.HEALTHY,
        value=None if last is None else last.isoformat(),
        message="Never." if silence is None else f"{say_duration(silence)} ago.",
    )
    return {"worker": Check(level=level, value=number, message=message), "workerLastPing": ping}


def _longest_silence() -> float:
    """In seconds. By a crontab, workers come and go once a minute."""
    settings, beat = conf(), SchedulerBeat.objects.first()
    by_crontab = beat is not None and beat.source == TickSource.CRONTAB
    return max(settings.HEALTH_NO_BEAT_SECONDS, settings.HEALTH_NO_TICK_SECONDS if by_crontab else 0.0)


def _processing() -> dict[str, Check]:
    now = timezone.now()
    pauses = list(Pause.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now)).order_by("scope", "name")[:100])
    if conf().DISABLED:
        value, message = "disabled", "All workers are switched off by JOB_QUEUE_DISABLED."
    elif any(pause.scope == PauseScope.EVERYTHING for pause in pauses):
        reason = next(pause.reason for pause in pauses if pause.scope == PauseScope.EVERYTHING)
        value, message = "paused", f"Everything is paused: {reason}"
    elif pauses:
        value, message = "partly paused", f"Paused: {', '.join(pause.name for pause in pauses[:5])}."
    else:
        return {"processing": Check(level=Level.HEALTHY, value="on", message="Nothing is paused.")}
    return {"processing": Check(level=Level.WARNING, value=value, message=message)}


def _scheduler() -> dict[str, Check]:
    now = timezone.now()
    beat = SchedulerBeat.objects.first()
    silence = None if beat is None else max(now - beat.at, timedelta())
    late = [schedule.name for schedule in late_schedules(now)]
    level, message = (Level.WARNING, _late(late)) if late else (Level.HEALTHY, "No schedule is late.")
    is_silent = silence is None or silence.total_seconds() >= conf().HEALTH_NO_TICK_SECONDS
    if is_silent and Schedule.objects.filter(is_active=True).exists():
        level = Level.CRITICAL
        message = "No scheduler has run lately: start a worker, or manage.py run_scheduler."
        message = f"{message} {_late(late)}" if late else message
    ping = Check(
        level=Level.HEALTHY,
        value=beat.at.isoformat() if beat else None,
        message="Never." if beat is None or silence is None else f"{say_duration(silence)} ago, by {beat.holder}.",
    )
    return {"scheduler": Check(level=level, value=len(late), message=message), "schedulerLastTick": ping}


def _late(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} has not fired within its grace."
    return f"{len(names)} schedules have not fired within their grace, {names[0]} first."


_QUESTIONS: tuple[Callable[[], dict[str, Check]], ...] = (_worker, _processing, _counts, _due, _stuck, _scheduler)


def _number(number: int) -> str:
    return f"{number:,} or more" if number >= CAP else f"{number:,}"
