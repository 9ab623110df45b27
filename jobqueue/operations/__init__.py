"""What people do, whatever the door: a verb and its audit entry in one transaction.

Programs use `jobqueue.api`, which writes no entries.
"""

from jobqueue.operations.audit_log import note_export, verify_log
from jobqueue.operations.jobs import cancel, create, delete, edit, retry, run_now
from jobqueue.operations.ledger import forget_effect
from jobqueue.operations.processing import pause, resume
from jobqueue.operations.quick import start_quick_action
from jobqueue.operations.refusals import refuse
from jobqueue.operations.schedules import delete_schedule, run_schedule, save_schedule
from jobqueue.operations.templates import apply_template, undo_template
from jobqueue.operations.tokens import create_token, revoke_token

__all__ = [
    "apply_template",
    "cancel",
    "create",
    "create_token",
    "delete",
    "delete_schedule",
    "edit",
    "forget_effect",
    "note_export",
    "pause",
    "refuse",
    "resume",
    "retry",
    "revoke_token",
    "run_now",
    "run_schedule",
    "save_schedule",
    "start_quick_action",
    "undo_template",
    "verify_log",
]
