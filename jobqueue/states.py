"""The words of the queue: states, priorities and attempt outcomes, and what each state allows."""

from django.db import models


class Status(models.TextChoices):
    """Where a job stands; `transitions` and `claim.py` move it."""

    PENDING = "pending", "Pending"
    RUNNING = "running", "Running"
    RETRYING = "retrying", "Retrying"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    DEAD = "dead", "Dead"
    CANCELLED = "cancelled", "Cancelled"


class Priority(models.IntegerChoices):
    """Higher is claimed first. The claim visits exactly these levels, so no other number is stored."""

    LOW = -50, "Low"
    NORMAL = 0, "Normal"
    HIGH = 50, "High"
    CRITICAL = 100, "Critical"


class AttemptOutcome(models.TextChoices):
    """How one execution of a job ended."""

    SUCCEEDED = "succeeded", "Succeeded"
    ERROR = "error", "Error"
    TIMED_OUT = "timed_out", "Timed out"
    KILLED = "killed", "Killed"
    CANCELLED = "cancelled", "Cancelled"
    POSTPONED = "postponed", "Postponed"
    LOST = "lost", "Worker lost"
    RETURNED = "returned", "Handed back"


class Parked(models.TextChoices):
    """Why a waiting job was put out of the claim's way until that reason has gone; see `parking.py`."""

    PAUSED = "paused", "Paused"
    LIMITED = "limited", "At its concurrency limit"


class OnFailure(models.TextChoices):
    """What becomes of a job when one that it depends on does not succeed."""

    HOLD = "hold", "Wait: the other may be retried"
    CANCEL = "cancel", "Cancel it"
    RUN = "run", "Run it anyway"


MAINTENANCE = "maintenance"
"""The queue of work on the queue itself. Every worker takes it, also while everything is paused."""

WAITING = (Status.PENDING, Status.RETRYING)
UNFINISHED = (Status.PENDING, Status.RETRYING, Status.RUNNING)
FINISHED = (Status.SUCCEEDED, Status.FAILED, Status.DEAD, Status.CANCELLED)

_OLD_NAMES = {"processing": Status.RUNNING, "completed": Status.SUCCEEDED}


def parse_status(text: str) -> Status:
    """The status that an operator names, in any case, by its own or its older name.

    Raises:
        ValueError: no such status; the message lists the known ones.
    """
    word = text.strip().lower()
    if word in _OLD_NAMES:
        return _OLD_NAMES[word]
    try:
        return Status(word)
    except ValueError:
        raise ValueError(f"Unknown status {text!r}: expected one of {', '.join(Status.values)}.") from None


def parse_priority(text: str) -> Priority:
    """The priority of that name, in any case.

    Raises:
        ValueError: no such priority; the message lists the known ones.
    """
    try:
        return Priority[text.strip().upper()]
    except KeyError:
        raise ValueError(f"Unknown priority {text!r}: expected one of {', '.join(Priority.names)}.") from None
