"""Quick actions for tests."""

from jobqueue.quick_actions import QuickAction, QuickStep
from jobqueue.states import OnFailure

_FETCH = QuickStep(label="Fetching", task_type="fetch")
_COUNT = QuickStep(label="Counting", task_type="count", before_in="fetchJob", on_failure=OnFailure.CANCEL)
BOTH = QuickAction(name="both", label="Both", help="Fetches, then counts.", icon="sync", steps=[_FETCH, _COUNT])
FETCH = QuickAction(name="fetch-only", label="Fetch Only", help="Fetches.", icon="download", steps=[_FETCH])
BROKEN = QuickAction(
    name="broken",
    label="Broken",
    help="Fails, and has the other wait.",
    icon="sync",
    steps=[
        QuickStep(label="Fetching", task_type="fetch", payload={"source": "nowhere"}),
        QuickStep(label="Adding", task_type="add_one", payload={"number": 4}),
    ],
)
ACTIONS = [BOTH, FETCH, BROKEN]
NAME = "tests.jobqueue.quick.ACTIONS"
