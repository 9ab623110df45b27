"""Retry jobs: one by its id, or many by what they have in common."""

from django.core.management.base import CommandParser

from jobqueue.management import arguments
from jobqueue.management.acting import ActOnJobs
from jobqueue.models.bulk_operation import BulkVerb


class Command(ActOnJobs):
    help = "Make jobs due again: those that ended with a fresh budget of attempts, retrying ones now."
    examples = (
        "--id 3f2a91c0",
        "--type game_platform_sync --status failed --since 1h --dry-run",
    )
    verb = BulkVerb.RETRY
    participle = "retried"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--delay", type=arguments.duration, metavar="60s", help="due only after this time")
