"""The audit log: who acts, what they did, and the proof that nobody rewrote it since."""

from jobqueue.audit.actor import Actor
from jobqueue.audit.recording import record
from jobqueue.audit.verification import Head, Problem, Verdict, verify

__all__ = ["Actor", "Head", "Problem", "Verdict", "record", "verify"]
