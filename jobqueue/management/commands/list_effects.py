"""List effects: what handlers did once, and how often they would have done it again."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from jobqueue import effects
from jobqueue.management import arguments
from jobqueue.management.command import JobQueueCommand
from jobqueue.management.printing import as_json, iso, seconds, table
from jobqueue.models import Effect

_A_WEEK = timedelta(days=7)


class Command(JobQueueCommand):
    help = "List the effects that would have been applied again if the ledger had not suppressed that, latest first."
    examples = ("--since 1d", "--type send_digest --json")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--type", metavar="NAME", help="of this task type")
        parser.add_argument(
            "--since", type=arguments.past, metavar="TIME", help="suppressed since: 1h (ago) or ISO 8601 (default 7d)"
        )
        parser.add_argument("--limit", type=arguments.positive, default=50, metavar="N", help="at most N (default 50)")
        parser.add_argument("--json", action="store_true", help='{"effects": [...]}')

    def handle(self, *args: Any, **options: Any) -> None:
        found = effects.suppressed(options["since"] or timezone.now() - _A_WEEK)
        if options["type"] is not None:
            found = found.filter(task_type=options["type"])
        rows = list(found[: options["limit"]])
        if options["json"]:
            self.stdout.write(as_json({"effects": [_as_json(effect) for effect in rows]}))
            return
        headings = ("task type", "key", "applied", "by job", "suppressed", "last time")
        cells = [_row(effect) for effect in rows]
        self.stdout.write(table(headings, cells, numbers=("suppressed",)) if cells else "No effect was suppressed.")


def _row(effect: Effect) -> tuple[str, ...]:
    return (
        effect.task_type,
        effect.key,
        seconds(effect.applied_at),
        str(effect.job_id),
        f"{effect.suppressed:,}",
        seconds(effect.suppressed_at),
    )


def _as_json(effect: Effect) -> dict[str, Any]:
    return {
        "taskType": effect.task_type,
        "key": effect.key,
        "job": str(effect.job_id),
        "appliedAt": iso(effect.applied_at),
        "suppressed": effect.suppressed,
        "suppressedAt": iso(effect.suppressed_at),
    }
