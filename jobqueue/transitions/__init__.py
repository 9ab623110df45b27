"""The state machine: one verb per transition, each a guarded UPDATE over any number of jobs.

Nothing else writes `status`, but for the claim (`claim.py`) with its limits (`places.py`), the insert
(`enqueuing.py`) and the database's own `jobqueue_settle`, which cancels what depends on a job that failed. The
worker's verbs are fenced by the claim: a worker that lost its job changes nothing. Losing a race is a return value,
not an error.
"""

from jobqueue.transitions.by_people import cancel, delete, retry, run_now
from jobqueue.transitions.by_rules import expire
from jobqueue.transitions.by_workers import drop, finish, mark_started, release
from jobqueue.transitions.moved import Moved

__all__ = ["Moved", "cancel", "delete", "drop", "expire", "finish", "mark_started", "release", "retry", "run_now"]
