"""List the schedules with their next and their latest run."""

from typing import Any

from django.core.management.base import CommandParser

from jobqueue.management.command import JobQueueCommand
from jobqueue.management.printing import as_json, iso, seconds, table
from jobqueue.models import Job, Occurrence, Schedule
from jobqueue.states import Priority, Status


class Command(JobQueueCommand):
    help = "List the schedules: when they run next, and what became of the latest run."
    examples = ("", "--type game_platform_sync --json")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--type", metavar="NAME", help="of this task type")
        active = parser.add_mutually_exclusive_group()
        active.add_argument("--active", action="store_true", default=None, help="only those switched on")
        active.add_argument(
            "--inactive", dest="active", action="store_false", default=None, help="only those switched off"
        )
        parser.add_argument("--json", action="store_true", help='{"schedules": [...]}')

    def handle(self, *args: Any, **options: Any) -> None:
        schedules = Schedule.objects.order_by("name")
        if options["type"] is not None:
            schedules = schedules.filter(task_type=options["type"])
        if options["active"] is not None:
            schedules = schedules.filter(is_active=options["active"])
        found = list(schedules)
        runs = _latest_runs(found)
        if options["json"]:
            self.stdout.write(as_json({"schedules": [_as_json(schedule, runs) for schedule in found]}))
            return
        rows = [_row(schedule, runs) for schedule in found]
        headings = ("name", "times", "zone", "task type", "next run", "latest run", "ended")
        self.stdout.write(table(headings, rows) if rows else "No schedules.")


type _Runs = dict[int, tuple[Occurrence, Job | None]]


def _latest_runs(schedules: list[Schedule]) -> _Runs:
    occurrences = Occurrence.objects.filter(schedule__in=schedules).order_by("schedule_id", "-scheduled_at")
    latest = list(occurrences.distinct("schedule_id"))
    jobs = Job.objects.for_list().in_bulk([occurrence.job_id for occurrence in latest if occurrence.job_id])
    return {run.schedule_id: (run, jobs.get(run.job_id) if run.job_id else None) for run in latest}


def _row(schedule: Schedule, runs: _Runs) -> tuple[str, ...]:
    run, job = runs.get(schedule.pk, (None, None))
    return (
        schedule.name,
        schedule.expression,
        schedule.timezone,
        schedule.task_type,
        seconds(schedule.next_run_at) if schedule.is_active else "off",
        seconds(run.fired_at) if run else "-",
        Status(job.status).label if job else "-",
    )


def _as_json(schedule: Schedule, runs: _Runs) -> dict[str, Any]:
    run, job = runs.get(schedule.pk, (None, None))
    return {
        "id": schedule.pk,
        "name": schedule.name,
        "expression": schedule.expression,
        "timezone": schedule.timezone,
        "taskType": schedule.task_type,
        "queue": schedule.queue,
        "priority": Priority(schedule.priority).name,
        "isActive": schedule.is_active,
        "nextRunAt": iso(schedule.next_run_at),
        "latestRun": None
        if run is None
        else {
            "firedAt": iso(run.fired_at),
            "trigger": run.trigger,
            "job": str(run.job_id) if run.job_id else None,
            "status": job.status if job else None,
        },
    }
