"""End pauses, and tell how much has piled up."""

from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Q
from django.utils import timezone

from jobqueue import operations
from jobqueue.audit import Actor
from jobqueue.management.command import JobQueueCommand
from jobqueue.management.printing import as_json
from jobqueue.management.scopes import add_scope, said, scope_of
from jobqueue.models import Job, Pause
from jobqueue.models.pause import PauseScope

_CAP = 10_000


class Command(JobQueueCommand):
    help = "Resume processing, and tell how many jobs have piled up."
    examples = ("--queue emails", "--all")

    def add_arguments(self, parser: CommandParser) -> None:
        add_scope(parser, with_all=True)
        parser.add_argument("--json", action="store_true", help='{"resumed", "stillPaused", "waiting"}')

    def handle(self, *args: Any, **options: Any) -> None:
        actor = Actor.of_shell()
        if options["all"]:
            scopes = [(PauseScope(scope), name) for scope, name in Pause.objects.values_list("scope", "name")]
        else:
            scopes = [scope_of(options)]
        waiting = _waiting()  # before the workers set to work
        resumed = [said(scope, name) for scope, name in scopes if operations.resume(actor, scope=scope, name=name)]
        active = Pause.objects.filter(Q(ends_at=None) | Q(ends_at__gt=timezone.now()))
        still = [said(PauseScope(pause.scope), pause.name) for pause in active]
        if options["json"]:
            self.stdout.write(as_json({"resumed": resumed, "stillPaused": still, "waiting": waiting}))
            return
        nothing = "Nothing was paused." if options["all"] else f"It was not paused: {said(*scopes[0])}."
        number = f"{waiting:,}{' or more' if waiting >= _CAP else ''}"
        self.stdout.write(f"Resumed: {', '.join(resumed)}. Due and waiting: {number}." if resumed else nothing)
        if still:
            self.stdout.write(f"Still paused: {', '.join(still)}.")


def _waiting() -> int:
    due = Job.objects.waiting().filter(run_at__lte=timezone.now()).order_by()
    return due.values("pk")[:_CAP].count()
