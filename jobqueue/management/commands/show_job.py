"""Show jobs with all that belongs to them."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from jobqueue.management import arguments
from jobqueue.management.command import FAILED, JobQueueCommand, wrong_use
from jobqueue.management.describing import Description
from jobqueue.management.listing import newest
from jobqueue.management.printing import as_json
from jobqueue.management.selecting import add_selectors, chosen
from jobqueue.models import Job


class Command(JobQueueCommand):
    help = "Show a job: its state and why it waits, its attempts and errors, and the jobs around it."
    examples = ("--id 3f2a91c0 --log", "--type game_platform_sync --status failed --tracebacks")

    def add_arguments(self, parser: CommandParser) -> None:
        add_selectors(parser)
        parser.add_argument(
            "--limit",
            type=arguments.positive,
            default=10,
            metavar="N",
            help="the newest N of those chosen (default 10)",
        )
        parser.add_argument("--log", action="store_true", help="with the lines that it logged")
        parser.add_argument("--tracebacks", action="store_true", help="with the tracebacks of its attempts")
        parser.add_argument("--json", action="store_true", help='{"jobs": [...]}')

    def handle(self, *args: Any, **options: Any) -> None:
        given = chosen(options)
        if not given:
            raise wrong_use("Which job? Give --id, or --status, --type or another condition; see --help.")
        jobs = newest(given, options["limit"])
        missing = set(given.get("ids", ())) - {job.pk for job in jobs}
        if not jobs or (missing and set(given) == {"ids"} and len(jobs) < options["limit"]):
            named = ", ".join(sorted(map(str, missing))[:3])
            raise CommandError(f"No such job: {named}." if named else "No job is like that.", returncode=FAILED)
        self._show(jobs, options)

    def _show(self, jobs: list[Job], options: dict[str, Any]) -> None:
        described = [Description.of(job, with_log=options["log"]) for job in jobs]
        if options["json"]:
            self.stdout.write(as_json({"jobs": [one.to_json() for one in described]}))
            return
        texts = [one.text(with_tracebacks=options["tracebacks"]) for one in described]
        self.stdout.write(f"\n\n{'-' * 72}\n\n".join(texts))
