"""Forget an effect, so that it will be applied again."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from jobqueue import operations
from jobqueue.audit import Actor
from jobqueue.management.command import FAILED, JobQueueCommand


class Command(JobQueueCommand):
    help = "Let an effect be applied again, as when it was undone by hand. This is recorded in the audit log."
    examples = ('send_digest mail:123 --reason "the provider lost it"',)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("type", metavar="TYPE", help="the task type")
        parser.add_argument("key", metavar="KEY", help="the effect's key, as its handler names it")
        parser.add_argument("--reason", default="", metavar="TEXT", help="why, for the audit log")

    def handle(self, *args: Any, **options: Any) -> None:
        name = f"{options['type']} {options['key']}"
        if not operations.forget_effect(options["type"], options["key"], Actor.of_shell(), reason=options["reason"]):
            raise CommandError(f"There is no effect {name}.", returncode=FAILED)
        self.stdout.write(f"Forgotten: {name}. The next job that applies it will be the first.")
