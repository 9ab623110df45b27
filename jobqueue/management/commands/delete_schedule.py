"""Delete a schedule with its history."""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from jobqueue import operations
from jobqueue.audit import Actor
from jobqueue.management.command import FAILED, JobQueueCommand, wrong_use
from jobqueue.management.printing import as_json, plain
from jobqueue.management.selecting import find_schedule
from jobqueue.models import Occurrence, Schedule


class Command(JobQueueCommand):
    help = "Delete a schedule with its history; its jobs stay, but not the upcoming one of an interval schedule."
    examples = ('"Nightly totals" --yes --reason "replaced by Hourly totals"',)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the schedule's name or id, see list_schedules")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--reason", default="", metavar="TEXT", help="why; the audit log keeps it")
        parser.add_argument("--json", action="store_true", help='{"deleted", "occurrences"}')

    def handle(self, *args: Any, **options: Any) -> None:
        schedule = find_schedule(options["name"])
        name, key = plain(schedule.name), schedule.pk
        if not options["yes"]:
            _agree(schedule)
        with transaction.atomic():
            occurrences = Occurrence.objects.filter(schedule=key).count()
            operations.delete_schedule(schedule, Actor.of_shell(), options["reason"])
        if options["json"]:
            self.stdout.write(as_json({"deleted": name, "occurrences": occurrences}))
        else:
            self.stdout.write(f"Deleted {name} with {_occurrences(occurrences)}; its jobs stay.")


def _agree(schedule: Schedule) -> None:
    name = plain(schedule.name)
    lost = f"{name} with {_occurrences(Occurrence.objects.filter(schedule=schedule).count())}"
    if sys.stdin is None or not sys.stdin.isatty():
        raise wrong_use(f"This would delete {lost}, and nobody is here to ask: add --yes.")
    try:
        is_agreed = input(f"Delete {lost}? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        is_agreed = False
    if not is_agreed:
        raise CommandError("Nothing was deleted.", returncode=FAILED)


def _occurrences(number: int) -> str:
    return f"{number:,} {'occurrence' if number == 1 else 'occurrences'} of history"
