"""Cancel jobs: one by its id, or many by what they have in common."""

from jobqueue.management.acting import ActOnJobs
from jobqueue.models.bulk_operation import BulkVerb


class Command(ActOnJobs):
    help = "Cancel waiting jobs, and ask running ones to stop."
    examples = ('--id 3f2a91c0 --reason "wrong season"', "--queue emails --status pending --dry-run")
    verb = BulkVerb.CANCEL
    participle = "cancelled"
