"""Stop claiming: everything, a queue, or a task type."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from jobqueue import operations
from jobqueue.audit import Actor
from jobqueue.exceptions import UnknownTaskTypeError
from jobqueue.management import arguments
from jobqueue.management.command import JobQueueCommand, wrong_use
from jobqueue.management.printing import as_json, iso, seconds
from jobqueue.management.scopes import add_scope, said, scope_of
from jobqueue.models import Job, Pause
from jobqueue.models.pause import PauseScope
from jobqueue.registry import registry

_LONGEST_NAME = 100


class Command(JobQueueCommand):
    help = "Pause processing: running jobs finish, waiting ones stay, and schedules go on adding to them."
    examples = ('--reason "provider is down" --queue emails --for 2h', '--reason "maintenance"')

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", required=True, metavar="TEXT", help="why; it is shown wherever jobs wait")
        add_scope(parser)
        end = parser.add_mutually_exclusive_group()
        end.add_argument("--for", dest="span", type=arguments.future, metavar="2h", help="resume by itself after this")
        end.add_argument("--until", type=arguments.future, metavar="TIME", help="resume by itself then: ISO 8601 or 2h")
        parser.add_argument("--json", action="store_true", help='{"scope", "name", "reason", "since", "endsAt"}')

    def handle(self, *args: Any, **options: Any) -> None:
        scope, name = scope_of(options)
        ends_at: datetime | None = options["span"] or options["until"]
        _check(scope, name, options["reason"], ends_at)
        row = operations.pause(
            Actor.of_shell(), reason=options["reason"].strip(), scope=scope, name=name, ends_at=ends_at
        )
        if options["json"]:
            self.stdout.write(as_json(_as_json(row)))
            return
        end = f"until {seconds(row.ends_at)}" if row.ends_at else "until somebody resumes it"
        self.stdout.write(f"Paused: {said(scope, name)}, {end}.")


def _check(scope: PauseScope, name: str, reason: str, ends_at: datetime | None) -> None:
    if not reason.strip():
        raise wrong_use("Give a reason: it is shown wherever jobs wait.")
    if len(name) > _LONGEST_NAME:
        raise wrong_use(f"A name of {len(name):,} characters is too long: no queue or task type has it.")
    if ends_at is not None and ends_at <= timezone.now():
        raise wrong_use(f"The pause would end at {seconds(ends_at)}, which is past: expected a time to come.")
    # Rows of a task type that was removed may still wait.
    if (
        scope == PauseScope.TASK_TYPE
        and name not in registry
        and not Job.objects.waiting().filter(task_type=name).exists()
    ):
        raise UnknownTaskTypeError(name, registry.names())


def _as_json(row: Pause) -> dict[str, Any]:
    return {
        "scope": row.scope,
        "name": row.name,
        "reason": row.reason,
        "since": iso(row.since),
        "endsAt": iso(row.ends_at),
    }
