"""The log itself: verified and taken out by people, of which it keeps an entry as of everything else."""

from collections.abc import Mapping

from jobqueue import audit
from jobqueue.audit import Actor, Verdict, record
from jobqueue.models.audit_entry import Action

AUDIT_LOG = "audit_log"


def verify_log(actor: Actor, *, most: int | None = None) -> Verdict:
    """As `audit.verify`; the entry keeps what was found, and so when the log was last known to be whole."""
    verdict = audit.verify(most=most)
    problem = verdict.first_problem
    after = {
        "entries": verdict.entries,
        "head": str(verdict.head),
        "is_intact": verdict.is_intact,
        "problem": problem.sentence if problem else "",
    }
    record(actor, Action.AUDIT_VERIFY, object_type=AUDIT_LOG, after=after)
    return verdict


def note_export(actor: Actor, *, asked: Mapping[str, str], entries: int, last: int) -> None:
    """Record that somebody takes entries out of the log.

    Args:
        asked: by what it was filtered.
        entries: how many are taken.
        last: the number of the newest entry that may be among them.
    """
    after = {"filter": dict(asked), "entries": entries, "last": last}
    record(actor, Action.AUDIT_EXPORT, object_type=AUDIT_LOG, after=after)
