"""Show a schedule with all that belongs to it."""

from typing import Any

from django.core.management.base import CommandParser

from jobqueue.management.command import JobQueueCommand
from jobqueue.management.printing import as_json
from jobqueue.management.schedule_describing import ScheduleDescription
from jobqueue.management.selecting import find_schedule


class Command(JobQueueCommand):
    help = "Show a schedule: its times and policies, its next ten runs, clock changes, alerts and its latest ten runs."
    examples = ("game_platform_sync_incremental", '"Nightly totals" --json')

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the schedule's name or id, see list_schedules")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        described = ScheduleDescription.of(find_schedule(options["name"]))
        self.stdout.write(as_json(described.to_json()) if options["json"] else described.text())
