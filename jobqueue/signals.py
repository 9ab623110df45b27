"""What the queue tells whoever wants to hear it, beside what it stores."""

from dataclasses import dataclass

from django.dispatch import Signal


@dataclass(frozen=True, kw_only=True)
class FinalFailure:
    """A job that has failed and will not be tried again by itself."""

    job_id: str
    task_type: str
    attempt: int
    status: str
    """failed or dead."""
    code: str
    message: str
    """Without secrets."""
    fingerprint: str


job_gave_up = Signal()
"""A job has failed and no other attempt will follow. Receivers run in the worker; what they raise is logged.

Sent with `failure`, a `FinalFailure`; `error`, what the handler raised if that is at hand; and `may_wait`: True in the
process of the job itself, False in the supervisor, whose other jobs would wait, too.
"""
