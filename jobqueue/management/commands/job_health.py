"""Tell whether the queue is well, by words and by the exit status."""

from typing import Any

from django.core.management.base import CommandParser

from jobqueue import health
from jobqueue.alerts import open_alerts
from jobqueue.health import Health, Level
from jobqueue.management.command import JobQueueCommand, end
from jobqueue.management.printing import as_json, indented, seconds, table_with_text

_EXIT = {Level.HEALTHY: 0, Level.WARNING: 1, Level.CRITICAL: 2}
_MOST_ALERTS = 10


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
            self._tell(found)
        if found.status != Level.HEALTHY:
            end(_EXIT[found.status])

    def _tell(self, found: Health) -> None:
        self.stdout.write(found.status.value.capitalize())
        rows = [(name, check.level.value, check.message) for name, check in found.checks.items()]
        self.stdout.write(table_with_text(("check", "level", "found"), rows))
        alerts = open_alerts() if found.checks["database"].level == Level.HEALTHY else []
        for alert in alerts[:_MOST_ALERTS]:
            self.stdout.write(f"ALERT since {seconds(alert.raised_at)}:\n{indented(alert.message, 2)}")
        if len(alerts) > _MOST_ALERTS:
            self.stdout.write(f"There are {len(alerts) - _MOST_ALERTS} more alerts.")
