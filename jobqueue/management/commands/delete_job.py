"""Delete jobs: one by its id, or many by what they have in common."""

from jobqueue.management.acting import ActOnJobs
from jobqueue.models.bulk_operation import BulkVerb


class Command(ActOnJobs):
    help = "Delete jobs with their attempts and logs; running and retrying ones must be cancelled first."
    examples = ("--id 3f2a91c0 --yes", "--status dead --until 7d --dry-run")
    verb = BulkVerb.DELETE
    participle = "deleted"
