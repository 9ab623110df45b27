"""What people start by one button: a sync, the totals, or one after the other. For the project's JOB_QUEUE."""

from gameplatform.sync.options import TASK_TYPE as SYNC
from gameplatform.totals.sweep import TASK_TYPE as TOTALS_SWEEP
from jobqueue.api import OnFailure, QuickAction, QuickStep

_GROUP = "Quick Sync Actions"

# Somebody asks because they want to see now what is new: whose turn it is does not matter then.
_SYNC = QuickStep(label="Incremental sync", task_type=SYNC, payload={"includeNotDue": True})
# As the sync itself would ask for them, so that the two requests are one job. A sync that failed and is retried asks
# again: totals that waited for it would only lie about until then.
_TOTALS_OF_SYNC = QuickStep(label="Totals", task_type=TOTALS_SWEEP, before_in="syncJob", on_failure=OnFailure.CANCEL)

FULL_SYNC = QuickAction(
    name="full-sync",
    label="Full Sync",
    help="Fetches what is new, then adds up the totals. Goes on if you leave this page.",
    icon="sync",
    group=_GROUP,
    steps=[_SYNC, _TOTALS_OF_SYNC],
)
INCREMENTAL = QuickAction(
    name="incremental",
    label="Incremental Only",
    help="Fetches what is new of all accounts. Totals follow by themselves where something changed.",
    icon="download",
    group=_GROUP,
    steps=[_SYNC],
)
TOTALS = QuickAction(
    name="totals",
    label="Totals Only",
    help="Adds up challenges and points of the accounts that changed.",
    icon="calculate",
    group=_GROUP,
    steps=[QuickStep(label="Totals", task_type=TOTALS_SWEEP)],
)
QUICK_ACTIONS = [FULL_SYNC, INCREMENTAL, TOTALS]
