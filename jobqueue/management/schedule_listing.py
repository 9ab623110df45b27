"""Schedules as a list: each with its latest and its next run, by a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from jobqueue.management.printing import iso, seconds, table_with_details
from jobqueue.management.schedule_facts import (
    ScopeLabels,
    say_scope,
    say_times,
    schedule_json,
    scope_labels,
    state_of,
)
from jobqueue.models import Job, Occurrence, Schedule
from jobqueue.models.occurrence import Skipped
from jobqueue.states import Status


@dataclass(frozen=True, kw_only=True)
class _LatestRun:
    occurrence: Occurrence
    job: Job | None

    @property
    def status(self) -> str:
        """Of the job; nothing if there was none, or if it vanished without a trace."""
        return self.job.status if self.job else self.occurrence.status

    @property
    def said(self) -> str:
        """Such as "Succeeded" or "skipped: overlap"."""
        if self.occurrence.skipped and self.occurrence.skipped != Skipped.JOINED:
            return f"skipped: {self.occurrence.skipped}"
        return Status(self.status).label if self.status else "unknown"


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Some schedules and what belongs to them, read at once."""

    schedules: Sequence[Schedule]
    runs: dict[int, _LatestRun]
    labels: ScopeLabels

    @classmethod
    def of(cls, schedules: Sequence[Schedule]) -> Self:
        """Read what belongs to them."""
        return cls(schedules=schedules, runs=_latest_runs(schedules), labels=scope_labels(schedules))

    def text(self) -> str:
        """For people: two lines each, so that nothing is cut in a terminal of 80 columns."""
        headings = ("name", "state", "next run", "latest run", "outcome")
        details = [self._detail(schedule) for schedule in self.schedules]
        return table_with_details(headings, [self._row(schedule) for schedule in self.schedules], details)

    def to_json(self) -> list[dict[str, Any]]:
        """For scripts."""
        return [
            {**schedule_json(schedule), "latestRun": _run_json(self.runs.get(schedule.pk))}
            for schedule in self.schedules
        ]

    def _row(self, schedule: Schedule) -> tuple[str, ...]:
        run = self.runs.get(schedule.pk)
        return (
            schedule.name,
            state_of(schedule),
            seconds(schedule.next_run_at),
            seconds(run.occurrence.fired_at) if run else "-",
            run.said if run else "-",
        )

    def _detail(self, schedule: Schedule) -> str:
        who = f", for {say_scope(schedule, self.labels)}" if schedule.scope else ""
        return f"{say_times(schedule)}: {schedule.task_type}{who}"


def _latest_runs(schedules: Sequence[Schedule]) -> dict[int, _LatestRun]:
    # One look into the index per schedule, however long their histories are.
    latest = Occurrence.objects.filter(schedule=OuterRef("pk"), scheduled_at__lte=timezone.now())
    ids = Schedule.objects.filter(pk__in=[schedule.pk for schedule in schedules]).order_by()
    ids_of_latest = ids.values_list(Subquery(latest.order_by("-scheduled_at").values("pk")[:1]), flat=True)
    found = list(Occurrence.objects.filter(pk__in=[id_ for id_ in ids_of_latest if id_]).order_by())
    jobs = Job.objects.for_list().in_bulk([one.job_id for one in found if one.job_id])
    return {
        one.schedule_id: _LatestRun(occurrence=one, job=jobs.get(one.job_id) if one.job_id else None) for one in found
    }


def _run_json(run: _LatestRun | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "scheduledAt": iso(run.occurrence.scheduled_at),
        "firedAt": iso(run.occurrence.fired_at),
        "trigger": run.occurrence.trigger,
        "skipped": run.occurrence.skipped or None,
        "job": str(run.occurrence.job_id) if run.occurrence.job_id else None,
        "status": run.status or None,
    }
