"""Make an API token; its secret is printed once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from jobqueue import operations
from jobqueue.audit import Actor
from jobqueue.management import arguments
from jobqueue.management.command import JobQueueCommand, wrong_use
from jobqueue.management.printing import as_json, seconds
from jobqueue.management.selecting import find_user
from jobqueue.management.token_facts import token_json
from jobqueue.models.api_token import TokenScope

_LONGEST = timedelta(days=3_660)


class Command(JobQueueCommand):
    help = (
        "Make a personal API token for a user. It can do what its scopes say, and never more than that user may at the "
        "time. The secret is printed once and stored nowhere."
    )
    examples = (
        "--user alice --name Grafana --scope jobs:read",
        "--user alice --name deploy --scope jobs:read --scope jobs:write --expires 90d",
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, metavar="USER", help="whose: name or id")
        parser.add_argument("--name", required=True, type=arguments.name, metavar="TEXT", help="what it is for")
        parser.add_argument(
            "--scope",
            action="extend",
            type=arguments.names,
            default=[],
            metavar="SCOPE",
            help=f"{', '.join(TokenScope.values)}; default: jobs:read",
        )
        parser.add_argument("--expires", type=arguments.duration, metavar="90d", help="after so long; default: never")
        parser.add_argument("--json", action="store_true", help="for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        span: timedelta | None = options["expires"]
        if span is not None and not timedelta() < span <= _LONGEST:
            raise wrong_use("--expires: expected more than nothing and at most 3660d.")
        token, secret = operations.create_token(
            find_user(options["user"]),
            Actor.of_shell(),
            name=options["name"],
            scopes=options["scope"] or [TokenScope.READ.value],
            expires_at=timezone.now() + span if span else None,
        )
        if options["json"]:
            self.stdout.write(as_json({**token_json(token), "secret": secret}))
            return
        end = seconds(token.expires_at) if token.expires_at else "never"
        what = f"Token {token.pk} for {token.owner.get_username()}: {', '.join(token.scopes)}; expires: {end}."
        self.stderr.write(f"{what} Copy it now, it is not shown again:")
        self.stdout.write(secret)
