"""List API tokens, without their secrets, which nobody knows."""

from typing import Any

from django.core.management.base import CommandParser

from jobqueue.management.command import JobQueueCommand
from jobqueue.management.printing import as_json
from jobqueue.management.selecting import find_user
from jobqueue.management.token_facts import token_json, tokens_table
from jobqueue.models import ApiToken

_MOST = 1_000


class Command(JobQueueCommand):
    help = f"List API tokens, the newest first (at most {_MOST:,}); those that were revoked only with --all."
    examples = ("", "--user alice --all")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", metavar="USER", help="only this user's: name or id")
        parser.add_argument("--all", action="store_true", help="also those that were revoked")
        parser.add_argument("--json", action="store_true", help="for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        tokens = ApiToken.objects.select_related("owner")
        if options["user"] is not None:
            tokens = tokens.filter(owner=find_user(options["user"]))
        if not options["all"]:
            tokens = tokens.filter(revoked_at=None)
        found = list(tokens[:_MOST])
        if options["json"]:
            self.stdout.write(as_json([token_json(token) for token in found]))
        else:
            self.stdout.write(tokens_table(found) if found else "There are no API tokens: see create_api_token.")
