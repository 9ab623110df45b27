"""One schedule with all that belongs to it, as text and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.utils import timezone

from jobqueue.collisions import Collision, collisions_of
from jobqueue.cron import InvalidExpressionError, InvalidTimezoneError
from jobqueue.forecast import Note, notes
from jobqueue.management.printing import indented, iso, plain, seconds, table, table_with_details
from jobqueue.management.schedule_facts import (
    ScopeLabels,
    facts,
    say_moment,
    say_span,
    schedule_json,
    scope_labels,
    upcoming,
)
from jobqueue.models import Alert, Schedule
from jobqueue.occurrences import Run, history
from jobqueue.redaction import redact_text

_SHOWN = 10
_MOST_LISTED = 10


@dataclass(frozen=True, kw_only=True)
class ScheduleDescription:
    """A schedule and its surroundings, read once."""

    schedule: Schedule
    labels: ScopeLabels
    times: Sequence[datetime]
    notes: Sequence[Note]
    collisions: Sequence[Collision]
    problem: str
    """Why it has no times; nothing if it has."""
    alerts: Sequence[Alert]
    runs: Sequence[Run]

    @classmethod
    def of(cls, schedule: Schedule) -> Self:
        """Read what belongs to it."""
        now = timezone.now()
        times: list[datetime] = []
        around: list[Note] = []
        others: list[Collision] = []
        problem = ""
        try:
            times = upcoming(schedule, _SHOWN)
            others = collisions_of(schedule, now)
            around = [] if schedule.is_interval else notes(schedule.expression, schedule.timezone, now)
        except (InvalidExpressionError, InvalidTimezoneError) as error:
            problem = str(error)
        return cls(
            schedule=schedule,
            labels=scope_labels([schedule]),
            times=times,
            notes=around,
            collisions=others,
            problem=problem,
            alerts=list(Alert.objects.filter(schedule=schedule, cleared_at=None)),
            runs=history(schedule, limit=_SHOWN),
        )

    def to_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            **schedule_json(self.schedule),
            "createdAt": iso(self.schedule.created_at),
            "createdBy": self.schedule.created_by_id,
            "problem": self.problem or None,
            "nextRuns": [iso(moment) for moment in self.times],
            "clockChanges": [
                {"at": iso(note.change.at), "sentence": note.change.sentence, "note": note.sentence or None}
                for note in self.notes
            ],
            "collisions": [
                {"name": one.name, "times": one.times, "first": iso(one.first)}
                for one in self.collisions[:_MOST_LISTED]
            ],
            "alerts": [
                {"kind": alert.kind, "raisedAt": iso(alert.raised_at), "message": alert.message}
                for alert in self.alerts
            ],
            "runs": [_run_json(run) for run in self.runs],
        }

    def text(self) -> str:
        """For people."""
        parts = [_facts(self.schedule, self.labels)]
        parts += [f"ALERT since {seconds(alert.raised_at)}:\n{indented(alert.message, 2)}" for alert in self.alerts]
        if self.problem:
            parts.append(f"It cannot run:\n{indented(self.problem, 2)}")
        if self.times:
            heading = "Next runs" if self.schedule.is_active else "Next runs, if it were switched on"
            parts.append(f"{heading}:\n{times_table(self.times, self.schedule.timezone)}")
        if self.notes:
            said = (indented(f"{note.change.sentence} {note.sentence}".strip(), 2) for note in self.notes)
            parts.append("Clock changes of the coming year:\n" + "\n".join(said))
        if self.collisions:
            parts.append(f"Starts in the same minute, within 24 h:\n{_collisions_table(self.collisions)}")
        parts.append(f"Latest runs:\n{_runs_table(self.runs)}" if self.runs else "It has not run yet.")
        return "\n\n".join(parts)


def times_table(times: Sequence[datetime], zone: str) -> str:
    """The times of a schedule in its zone and, unless that is the zone, in UTC."""
    rows = [(say_moment(moment, zone), say_moment(moment, "UTC")) for moment in times]
    lines = [f"{there}   {utc}" if there != utc else utc for there, utc in rows]
    return "\n".join(f"  {moment:%a} {line}" for moment, line in zip(times, lines, strict=True))


def _facts(schedule: Schedule, labels: ScopeLabels) -> str:
    said = list(_lines(schedule, labels))
    width = max(len(label) for label, _ in said)
    return "\n".join(f"{label:<{width}}  {plain(value)}" for label, value in said if value)


def _lines(schedule: Schedule, labels: ScopeLabels) -> Iterator[tuple[str, str]]:
    yield "Schedule", f"{schedule.name} (id {schedule.pk})"
    for fact in facts(labels):
        yield fact.label, fact.say(schedule)
    by = f" by {schedule.created_by}" if schedule.created_by_id else ""
    yield "Made", f"{seconds(schedule.created_at)}{by}"


def _collisions_table(collisions: Sequence[Collision]) -> str:
    rows = [(one.name, f"{one.times:,}", seconds(one.first)) for one in collisions[:_MOST_LISTED]]
    more = len(collisions) - len(rows)
    said = table(("name", "times", "first"), rows, numbers=("times",))
    return f"{said}\nand {more:,} others" if more > 0 else said


def _runs_table(runs: Sequence[Run]) -> str:
    rows = [
        (
            seconds(run.scheduled_at),
            run.trigger.label,
            _outcome(run),
            _took(run),
            run.job_id.hex[-8:] if run.job_id else "-",
        )
        for run in runs
    ]
    headings = ("scheduled", "trigger", "outcome", "took", "job")
    return table_with_details(headings, rows, [_detail(run) for run in runs], numbers=("took",))


def _outcome(run: Run) -> str:
    if run.skipped and run.status is None:
        return f"skipped: {run.skipped.value}" + (f" ({run.times:,} times)" if run.times > 1 else "")
    return run.status.label if run.status else "unknown"


def _took(run: Run) -> str:
    if run.duration is None:
        return "-"
    taken = run.duration.total_seconds()
    return f"{taken:.2f} s" if taken < 60 else say_span(run.duration)


def _detail(run: Run) -> str:
    numbers = ", ".join(f"{name} {number:,}" for name, number in run.metrics.items())
    return "; ".join(filter(None, [numbers, redact_text(run.error)]))


def _run_json(run: Run) -> dict[str, Any]:
    return {
        "scheduledAt": iso(run.scheduled_at),
        "firedAt": iso(run.fired_at),
        "trigger": run.trigger.value,
        "skipped": run.skipped.value if run.skipped else None,
        "times": run.times,
        "job": str(run.job_id) if run.job_id else None,
        "status": run.status.value if run.status else None,
        "startedAt": iso(run.started_at),
        "finishedAt": iso(run.finished_at),
        "durationSeconds": run.duration.total_seconds() if run.duration else None,
        "metrics": dict(run.metrics),
        "error": redact_text(run.error),
    }
