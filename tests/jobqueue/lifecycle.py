"""Brings jobs into any state by the queue's own verbs, as a worker and an operator would."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import msgspec

from jobqueue import transitions
from jobqueue.api import enqueue
from jobqueue.claim import ClaimedJob, claim
from jobqueue.models import Job
from jobqueue.reports import Report, encode_report
from jobqueue.states import AttemptOutcome, Status
from tests.jobqueue.factories import make_worker

_OUTCOMES = {Status.SUCCEEDED: AttemptOutcome.SUCCEEDED, Status.CANCELLED: AttemptOutcome.CANCELLED}


@dataclass(frozen=True, kw_only=True)
class Held:
    """A claimed job in the hands of its worker."""

    claimed: ClaimedJob
    worker: UUID
    STARTED = 1_800_000_000.0

    @property
    def id(self) -> UUID:
        """The job's id."""
        return UUID(self.claimed.id)

    def row(self) -> Job:
        """The job as it is stored now."""
        return Job.objects.get(pk=self.id)

    def mark_started(self) -> None:
        """Record that the execution has begun."""
        mark = {
            "id": self.claimed.id,
            "claim": self.claimed.claim,
            "number": self.claimed.number,
            "started": self.STARTED,
        }
        transitions.mark_started(msgspec.json.encode([mark]), [self.claimed.id])

    def report(self, status: Status, **changes: Any) -> Report:
        """A report that the execution led to this status."""
        given: dict[str, Any] = {
            "id": self.claimed.id,
            "claim": self.claimed.claim,
            "number": self.claimed.number,
            "started": self.STARTED,
            "finished": self.STARTED + 2,
            "outcome": _OUTCOMES.get(status, AttemptOutcome.ERROR).value,
            "status": status.value,
        }
        return Report(**{**given, **changes})

    def finish(self, status: Status, **changes: Any) -> int:
        """Store such a report; returns how many jobs it ended."""
        return transitions.finish(self.worker, [encode_report(self.report(status, **changes))], [self.claimed.id])

    def release(self) -> int:
        """Hand the job back unstarted."""
        return transitions.release([(self.claimed.id, self.claimed.claim)])


def take(id_: UUID, worker: UUID | None = None) -> Held:
    """Claim this job, which is due and alone in its queue."""
    worker = worker or make_worker().pk
    (claimed,) = claim(worker, 1, [Job.objects.get(pk=id_).queue])
    assert claimed.id == str(id_)
    return Held(claimed=claimed, worker=worker)


def put(**options: Any) -> UUID:
    """Enqueue a job alone in a queue; returns its id."""
    return enqueue(**{"task_type": "noop", "queue": uuid4().hex, **options}).id


def hold(worker: UUID | None = None, **options: Any) -> Held:
    """Enqueue a job and claim it."""
    return take(put(**options), worker)


def job_in(status: Status, **options: Any) -> UUID:
    """A job that came into this status the usual way; returns its id."""
    if status == Status.PENDING:
        return put(**options)
    held = hold(**options)
    if status == Status.RETRYING:
        held.finish(status, code="TIMEOUT", message="too slow", delay=3600.0)
    elif status != Status.RUNNING:
        held.finish(status)
    return held.id


def status_of(id_: UUID) -> str:
    """The status as it is stored now."""
    return Job.objects.values_list("status", flat=True).get(pk=id_)
