"""A schedule's fields as commands say them: in words, and for scripts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from jobqueue import cron
from jobqueue.durations import say_duration
from jobqueue.forecast import describe, next_runs_of
from jobqueue.management.printing import as_json, iso, plain
from jobqueue.models import Schedule
from jobqueue.models.schedule import MissedPolicy
from jobqueue.redaction import redact, redact_text
from jobqueue.registry import registry
from jobqueue.scopes import scopes
from jobqueue.states import Priority

LATE = "late!"
_NO_EFFECT = " (no effect on an interval)"
_INSTANT = timedelta(microseconds=1)
type ScopeLabels = Mapping[tuple[str, int], str]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something about a schedule that people can set."""

    label: str
    fields: Sequence[str]
    say: Callable[[Schedule], str]


def state_of(schedule: Schedule) -> str:
    """Such as "active"; "late!" if it has not fired within its grace."""
    now = timezone.now()
    if not schedule.is_active:
        return "ended" if schedule.ends_at is not None and schedule.ends_at <= now else "inactive"
    is_late = schedule.next_run_at is not None and schedule.next_run_at < now - schedule.grace
    return LATE if is_late else "active"


def say_times(schedule: Schedule) -> str:
    """Such as "At 02:30 (30 2 * * *, Europe/Berlin)" or "Every 15 minutes"."""
    words = describe(schedule)
    if schedule.is_interval:
        return words
    signs = f"{schedule.expression}, {schedule.timezone}"
    return f"{words} ({signs})" if words else signs


def say_moment(moment: datetime | None, zone: str) -> str:
    """The time on the clocks of the zone, such as "2026-11-25 02:30 CET"; nothing for none."""
    if moment is None:
        return ""
    there = moment.astimezone(_place(zone))
    return f"{there:%Y-%m-%d %H:%M:%S %Z}" if there.second else f"{there:%Y-%m-%d %H:%M %Z}"


def say_span(span: timedelta) -> str:
    """All of it, such as "1 h 30 min"."""
    parts, rest = [], abs(span)
    for size in (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)):
        if rest >= size:
            parts.append(say_duration(rest // size * size))
            rest %= size
    return " ".join(parts) or "none"


def upcoming(schedule: Schedule, count: int) -> list[datetime]:
    """Its next times in its zone, from the one that is due on; of an inactive one, those that it would have.

    Raises:
        InvalidExpressionError, InvalidTimezoneError: it is not valid.
    """
    after = schedule.next_run_at - _INSTANT if schedule.is_active and schedule.next_run_at else timezone.now()
    return next_runs_of(schedule, after, count)


def scope_labels(schedules: Iterable[Schedule]) -> dict[tuple[str, int], str]:
    """How those are called for whom the schedules run; one query per kind of scope."""
    wanted = {pair for schedule in schedules for pair in _pairs(schedule)}
    labels = {}
    for one in scopes():
        keys = [key for name, key in wanted if name == one.name]
        for found in one.choices().filter(pk__in=keys) if keys else ():
            labels[one.name, found.pk] = one.label_of(found)
    return labels


def say_scope(schedule: Schedule, labels: ScopeLabels) -> str:
    """Such as "organization Lincoln High (3), coach Ada Lovelace (12)"."""
    pairs = _pairs(schedule)
    return ", ".join(f"{name} {labels.get((name, key), 'unknown')} ({key})" for name, key in pairs) or "everybody"


def facts(labels: ScopeLabels) -> list[Fact]:
    """What people set, in the order in which it is shown."""
    return [
        Fact(label="Times", fields=("kind", "expression", "interval", "timezone"), say=say_times),
        Fact(label="State", fields=("is_active",), say=state_of),
        Fact(label="Task type", fields=("task_type",), say=_say_task_type),
        Fact(label="For", fields=("scope",), say=lambda schedule: say_scope(schedule, labels)),
        Fact(label="Payload", fields=("payload",), say=_say_payload),
        Fact(label="Queue", fields=("queue",), say=lambda schedule: schedule.queue),
        Fact(label="Priority", fields=("priority",), say=lambda schedule: Priority(schedule.priority).name),
        Fact(label="Attempts", fields=("max_attempts",), say=lambda schedule: f"{schedule.max_attempts} at most"),
        Fact(label="Missed", fields=("missed", "missed_window", "missed_cap"), say=_say_missed),
        Fact(label="Overlap", fields=("overlap",), say=_say_overlap),
        Fact(label="Jitter", fields=("jitter",), say=lambda schedule: say_span(schedule.jitter)),
        Fact(label="Grace", fields=("grace",), say=lambda schedule: say_span(schedule.grace)),
        Fact(label="Starts", fields=("starts_at",), say=lambda one: say_moment(one.starts_at, one.timezone)),
        Fact(label="Ends", fields=("ends_at",), say=lambda one: say_moment(one.ends_at, one.timezone)),
        Fact(label="Notes", fields=("notes",), say=lambda schedule: redact_text(schedule.notes)),
    ]


def schedule_json(schedule: Schedule) -> dict[str, Any]:
    """What people set, for scripts."""
    return {
        "id": schedule.pk,
        "name": schedule.name,
        "kind": schedule.kind,
        "expression": schedule.expression,
        "intervalSeconds": schedule.interval.total_seconds() if schedule.interval else None,
        "timezone": schedule.timezone,
        "words": describe(schedule),
        "taskType": schedule.task_type,
        "scope": schedule.scope,
        "payload": redact(schedule.payload),
        "queue": schedule.queue,
        "priority": Priority(schedule.priority).name,
        "maxAttempts": schedule.max_attempts,
        "missed": schedule.missed,
        "missedWindowSeconds": schedule.missed_window.total_seconds(),
        "missedCap": schedule.missed_cap,
        "overlap": schedule.overlap,
        "jitterSeconds": schedule.jitter.total_seconds(),
        "graceSeconds": schedule.grace.total_seconds(),
        "startsAt": iso(schedule.starts_at),
        "endsAt": iso(schedule.ends_at),
        "isActive": schedule.is_active,
        "state": state_of(schedule),
        "nextRunAt": iso(schedule.next_run_at),
        "notes": redact_text(schedule.notes),
    }


def _pairs(schedule: Schedule) -> list[tuple[str, int]]:
    # JSON written past the rules may be anything.
    given = schedule.scope if isinstance(schedule.scope, dict) else {}
    return [(name, key) for name, key in given.items() if type(key) is int]


def _place(zone: str) -> ZoneInfo:
    try:
        return cron.zone_named(zone)
    except cron.InvalidTimezoneError:
        return ZoneInfo("UTC")


def _say_task_type(schedule: Schedule) -> str:
    if schedule.task_type not in registry:
        return f"{schedule.task_type} (unknown here)"
    label = registry.get(schedule.task_type).label
    return schedule.task_type if label == schedule.task_type else f"{label} ({schedule.task_type})"


def _say_payload(schedule: Schedule) -> str:
    return plain(" ".join(as_json(redact(schedule.payload)).split()))


def _say_missed(schedule: Schedule) -> str:
    said = schedule.get_missed_display()
    if schedule.missed == MissedPolicy.SKIP or schedule.is_interval:
        return f"{said}{_NO_EFFECT if schedule.is_interval else ''}"
    cap = f", {schedule.missed_cap} at most" if schedule.missed == MissedPolicy.ALL else ""
    return f"{said}; not those older than {say_span(schedule.missed_window)}{cap}"


def _say_overlap(schedule: Schedule) -> str:
    return f"{schedule.get_overlap_display()}{_NO_EFFECT if schedule.is_interval else ''}"
