"""List jobs, the newest first."""

from typing import Any

from django.core.management.base import CommandParser

from jobqueue.management import arguments
from jobqueue.management.command import JobQueueCommand
from jobqueue.management.job_row import JobRow
from jobqueue.management.listing import jobs_table, newest
from jobqueue.management.printing import as_json
from jobqueue.management.selecting import add_selectors, chosen, job_id

_MOST = 10_000


class Command(JobQueueCommand):
    help = "List jobs, the newest first."
    examples = ("--status failed,dead --since 1d", "--type game_platform_sync --limit 500 --json")

    def add_arguments(self, parser: CommandParser) -> None:
        add_selectors(parser)
        parser.add_argument(
            "--limit", type=arguments.positive, default=50, metavar="N", help=f"at most N (default 50, up to {_MOST})"
        )
        parser.add_argument("--before", metavar="ID", help="go on after this job, the last one of the list before")
        parser.add_argument("--json", action="store_true", help='{"jobs": [...], "next": ID or null}')

    def handle(self, *args: Any, **options: Any) -> None:
        limit = min(options["limit"], _MOST)
        before = job_id(options["before"]) if options["before"] else None
        found = newest(chosen(options), limit + 1, before)
        jobs, has_more = found[:limit], len(found) > limit
        last = str(jobs[-1].pk) if has_more else None
        if options["json"]:
            self.stdout.write(as_json({"jobs": [JobRow.of(job).to_json() for job in jobs], "next": last}))
            return
        self.stdout.write(jobs_table(jobs) if jobs else "No jobs.")
        if has_more:
            self.stderr.write(f"There are more: --before {last}")
