"""One verb for many jobs: retry, cancel or delete by ids or by filter, in batches, with progress, stop and undo."""

from jobqueue.bulk.cleaning import clean_up
from jobqueue.bulk.numbers import progress, summary
from jobqueue.bulk.preview import Group, Preview, preview
from jobqueue.bulk.run import BATCH, begin
from jobqueue.bulk.selection import Selection
from jobqueue.bulk.stop import settle, stop
from jobqueue.bulk.undo import Undone, undo
from jobqueue.models.bulk_operation import BulkOperation, BulkState, BulkVerb

__all__ = [
    "BATCH",
    "BulkOperation",
    "BulkState",
    "BulkVerb",
    "Group",
    "Preview",
    "Selection",
    "Undone",
    "begin",
    "clean_up",
    "preview",
    "progress",
    "settle",
    "stop",
    "summary",
    "undo",
]
