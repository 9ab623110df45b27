"""Attempts that were refused before any verb was called: they count, too."""

from jobqueue.audit import Actor, record


def refuse(actor: Actor, action: str, object_type: str, object_id: str, reason: str) -> None:
    """Record that somebody tried what they may not do.

    Args:
        reason: why not, such as "no permission to operate jobs".
    """
    record(actor, action, object_type=object_type, object_id=object_id, reason=reason, is_refused=True)
