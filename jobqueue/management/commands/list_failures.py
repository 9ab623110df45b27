"""List failures: errors that look alike, counted."""

from typing import Any

from django.core.management.base import CommandParser

from jobqueue import failures
from jobqueue.failures import Unresolved
from jobqueue.management import arguments
from jobqueue.management.command import JobQueueCommand
from jobqueue.management.printing import as_json, iso, seconds, table
from jobqueue.models import Failure
from jobqueue.redaction import redact_text


class Command(JobQueueCommand):
    help = "List the groups of errors that look alike, the one that happened last first."
    examples = ("--since 1d", "--type game_platform_sync --json")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--type", metavar="NAME", help="of this task type")
        parser.add_argument("--since", type=arguments.past, metavar="TIME", help="seen since: 1h (ago) or ISO 8601")
        parser.add_argument("--error-code", metavar="CODE", help="with this error code")
        parser.add_argument("--limit", type=arguments.positive, default=50, metavar="N", help="at most N (default 50)")
        parser.add_argument("--json", action="store_true", help='{"failures": [...]}')

    def handle(self, *args: Any, **options: Any) -> None:
        groups = failures.newest(task_type=options["type"], since=options["since"])
        if options["error_code"] is not None:
            groups = groups.filter(error_code=options["error_code"])
        found = list(groups[: options["limit"]])
        unresolved = failures.unresolved_of(found) if found else {}
        if options["json"]:
            self.stdout.write(as_json({"failures": [_as_json(group, unresolved) for group in found]}))
            return
        rows = [_row(group, unresolved) for group in found]
        headings = ("fingerprint", "task type", "error", "count", "open", "last seen", "message")
        self.stdout.write(table(headings, rows, numbers=("count", "open")) if rows else "No failures.")


def _row(group: Failure, unresolved: dict[str, Unresolved]) -> tuple[str, ...]:
    still = unresolved[group.fingerprint]
    return (
        group.fingerprint,
        group.task_type,
        group.error_code,
        f"{group.count:,}",
        f"{still.number:,}{'+' if still.is_capped else ''}",
        seconds(group.last_seen_at),
        redact_text(group.error_message),
    )


def _as_json(group: Failure, unresolved: dict[str, Unresolved]) -> dict[str, Any]:
    still = unresolved[group.fingerprint]
    return {
        "fingerprint": group.fingerprint,
        "taskType": group.task_type,
        "errorCode": group.error_code,
        "errorMessage": redact_text(group.error_message),
        "count": group.count,
        "unresolved": still.number,
        "unresolvedIsCapped": still.is_capped,
        "firstSeenAt": iso(group.first_seen_at),
        "lastSeenAt": iso(group.last_seen_at),
        "lastJob": str(group.last_job_id),
    }
