"""Tell whether the queue is well, by words and by the exit status."""

from typing import Any

from django.core.management.base import CommandParser

from jobqueue import health
from jobqueue.health import Level
from jobqueue.management.command import JobQueueCommand, end
from jobqueue.management.printing import as_json, table

_EXIT = {Level.HEALTHY: 0, Level.WARNING: 1, Level.CRITICAL: 2}


class Command(JobQueueCommand):
    help = "Tell whether the queue is well. Exit status: 0 healthy, 1 warning, 2 critical."
    examples = ("", "--json")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help='{"status", "checks": {NAME: {level, value, message}}}')

    def handle(self, *args: Any, **options: Any) -> None:
        found = health.check()
        if options["json"]:
            self.stdout.write(as_json(found.to_json()))
        else:
            self.stdout.write(found.status.value.capitalize())
            rows = [(name, check.level.value, check.message) for name, check in found.checks.items()]
            self.stdout.write(table(("check", "level", "found"), rows))
        if found.status != Level.HEALTHY:
            end(_EXIT[found.status])
