"""Run a schedule's job now, beside its next occurrence."""

from typing import Any

from django.core.management.base import CommandParser

from jobqueue import operations
from jobqueue.audit import Actor
from jobqueue.management.command import JobQueueCommand
from jobqueue.management.following import follow
from jobqueue.management.printing import as_json
from jobqueue.management.selecting import find_schedule


class Command(JobQueueCommand):
    help = "Enqueue a schedule's job now; its next occurrence stays as it is."
    examples = ('"Nightly totals" --wait',)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the schedule's name or id, see list_schedules")
        parser.add_argument(
            "--wait", action="store_true", help="follow the job to its end; exit status 1 unless it succeeds"
        )
        parser.add_argument("--json", action="store_true", help='{"id", "created", "status"}')

    def handle(self, *args: Any, **options: Any) -> None:
        enqueued = operations.run_schedule(find_schedule(options["name"]), Actor.of_shell())
        if not options["json"]:
            said = "Enqueued" if enqueued.created else "Its job is unfinished, and the only one that there may be:"
            self.stdout.write(f"{said} {enqueued.id}")
        job = follow(enqueued, self.stderr) if options["wait"] else None
        if options["json"]:
            status = job.status if job else None
            self.stdout.write(as_json({"id": str(enqueued.id), "created": enqueued.created, "status": status}))
        elif job is not None and job.result is not None:
            self.stdout.write(as_json(job.result))
