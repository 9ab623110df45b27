"""Make a schedule or change one from the shell."""

from typing import Any

from django.core.management.base import CommandParser

from jobqueue.management import arguments
from jobqueue.management.command import JobQueueCommand
from jobqueue.management.printing import as_json
from jobqueue.management.schedule_arguments import add_schedule_options
from jobqueue.management.schedule_saving import save


class Command(JobQueueCommand):
    help = "Make a schedule, or change one: only what is given becomes different."
    examples = (
        '"Nightly totals" --type game_platform_totals_sweep --cron "30 2 * * *" --timezone Europe/Berlin --dry-run',
        '"Nightly totals" --every 15m --for 7d',
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", type=arguments.name, metavar="NAME", help="the schedule's name; a new one is made")
        add_schedule_options(parser)
        parser.add_argument("--dry-run", action="store_true", help="tell what would change, and change nothing")
        parser.add_argument(
            "--json", action="store_true", help='{"schedule", "created", "dryRun", "changes", "nextRuns"}'
        )

    def handle(self, *args: Any, **options: Any) -> None:
        saved = save(options["name"], options, is_dry_run=options["dry_run"])
        self.stdout.write(as_json(saved.to_json()) if options["json"] else saved.text())
