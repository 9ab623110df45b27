"""Revoke an API token, now and for good."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from jobqueue import operations
from jobqueue.audit import Actor
from jobqueue.management.command import FAILED, JobQueueCommand
from jobqueue.models import ApiToken

_LARGEST_KEY = 2**63 - 1


class Command(JobQueueCommand):
    help = "Revoke an API token: from now on every call with it is refused. This is recorded in the audit log."
    examples = ("7", "jqt_x3fa")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("token", metavar="TOKEN", help="its id, or how it begins, as list_api_tokens shows them")

    def handle(self, *args: Any, **options: Any) -> None:
        token = _find(options["token"])
        if not operations.revoke_token(token, Actor.of_shell()):
            raise CommandError(f"{token} was revoked before.", returncode=FAILED)
        self.stdout.write(f"Revoked: {token} of {token.owner.get_username()}.")


def _find(text: str) -> ApiToken:
    tokens = ApiToken.objects.select_related("owner")
    if text.isascii() and text.isdigit():
        found = list(tokens.filter(pk=int(text))) if int(text) <= _LARGEST_KEY else []
    else:
        # Of a whole secret only what is stored of it is looked for.
        found = list(tokens.filter(prefix=text.replace("\0", "").rstrip(".…")[: len("jqt_") + 4])[:2])
    if not found:
        raise CommandError(f"There is no API token {text[:8]!a}: see list_api_tokens.", returncode=FAILED)
    if len(found) > 1:
        raise CommandError(f"Several tokens begin with {text[:8]!a}: give the id.", returncode=FAILED)
    return found[0]
