"""List the schedules with their times, their next and their latest run."""

import shlex
from typing import Any

from django.core.management.base import CommandParser

from jobqueue.management import arguments
from jobqueue.management.command import JobQueueCommand
from jobqueue.management.printing import as_json
from jobqueue.management.schedule_listing import Listing
from jobqueue.models import Schedule

_MOST = 10_000


class Command(JobQueueCommand):
    help = "List the schedules: when they run, for whom, in which state they are, and what became of the latest run."
    examples = ("--active", "--type game_platform_sync --json")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--type", type=arguments.name, metavar="NAME", help="of this task type")
        active = parser.add_mutually_exclusive_group()
        active.add_argument("--active", action="store_true", default=None, help="only those switched on")
        active.add_argument(
            "--inactive", dest="active", action="store_false", default=None, help="only those switched off"
        )
        parser.add_argument(
            "--limit", type=arguments.positive, default=50, metavar="N", help=f"at most N (default 50, up to {_MOST})"
        )
        parser.add_argument("--after", metavar="NAME", help="go on after this one, the last of the list before")
        parser.add_argument("--json", action="store_true", help='{"schedules": [...], "next": NAME or null}')

    def handle(self, *args: Any, **options: Any) -> None:
        schedules = Schedule.objects.order_by("name")
        if options["type"] is not None:
            schedules = schedules.filter(task_type=options["type"])
        if options["active"] is not None:
            schedules = schedules.filter(is_active=options["active"])
        if options["after"] is not None:
            schedules = schedules.filter(name__gt=options["after"])
        found = list(schedules[: min(options["limit"], _MOST)])
        left = schedules.count() - len(found)
        listing = Listing.of(found)
        if options["json"]:
            last = found[-1].name if found and left > 0 else None
            self.stdout.write(as_json({"schedules": listing.to_json(), "next": last}))
            return
        self.stdout.write(listing.text() if found else "No schedules.")
        if found and left > 0:
            self.stderr.write(f"There are {left:,} more: --after {shlex.quote(found[-1].name)}")
