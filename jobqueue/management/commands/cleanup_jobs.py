"""Delete finished jobs past their retention, as the nightly job does."""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from jobqueue import audit, cleanup
from jobqueue.audit import Actor
from jobqueue.management import arguments
from jobqueue.management.command import FAILED, JobQueueCommand, wrong_use
from jobqueue.management.printing import as_json
from jobqueue.models.audit_entry import Action
from jobqueue.states import FINISHED, Status


class Command(JobQueueCommand):
    help = "Delete finished jobs past their retention, with their attempts and logs."
    examples = ("--dry-run", "--older-than 14d --status succeeded,cancelled --yes")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than",
            type=arguments.duration,
            metavar="14d",
            help="whatever ended so long ago (default: retention)",
        )
        parser.add_argument(
            "--status",
            action="extend",
            type=arguments.statuses,
            default=[],
            metavar="STATUS",
            help="succeeded, failed, dead or cancelled (default: all four)",
        )
        parser.add_argument("--dry-run", action="store_true", help="tell the numbers and delete nothing")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--json", action="store_true", help='{"dryRun", "deleted": {STATUS: NUMBER}}')

    def handle(self, *args: Any, **options: Any) -> None:
        statuses = [Status(name) for name in dict.fromkeys(options["status"])] or list(FINISHED)
        wrong = [status.value for status in statuses if status not in FINISHED]
        if wrong:
            raise wrong_use(f"Jobs that are {wrong[0]} are not finished: expected some of {', '.join(FINISHED)}.")
        older_than = options["older_than"]
        if options["dry_run"]:
            self._tell(cleanup.count_finished(statuses=statuses, older_than=older_than), options)
            return
        if not options["yes"] and sys.stdin is not None and sys.stdin.isatty():
            _agree(sum(cleanup.count_finished(statuses=statuses, older_than=older_than).values()))
        with tqdm(unit="batch", disable=None) as bar:

            def count() -> None:
                bar.update()

            deleted = cleanup.delete_finished(statuses=statuses, older_than=older_than, between_batches=count)
        audit.record(
            Actor.of_shell(),
            Action.JOBS_CLEANUP,
            object_type="jobs",
            object_label=f"{sum(deleted.values()):,} jobs",
            after={"deleted": deleted, "olderThanSeconds": older_than.total_seconds() if older_than else None},
        )
        self._tell(deleted, options)

    def _tell(self, numbers: dict[str, int], options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(as_json({"dryRun": options["dry_run"], "deleted": numbers}))
            return
        total = sum(numbers.values())
        listed = ", ".join(f"{number:,} {status}" for status, number in numbers.items() if number)
        lead = "Would delete" if options["dry_run"] else "Deleted"
        self.stdout.write(f"{lead} {total:,} {'job' if total == 1 else 'jobs'}{': ' + listed if listed else ''}.")


def _agree(number: int) -> None:
    try:
        is_agreed = not number or input(f"Delete {number:,} jobs? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        is_agreed = False
    if not is_agreed:
        raise CommandError("Nothing was deleted.", returncode=FAILED)
