"""One job with all that belongs to it, as text and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from jobqueue.management.job_row import JobRow
from jobqueue.management.printing import as_json, iso, plain, plain_lines, seconds, table
from jobqueue.models import Attempt, Job, LogLine
from jobqueue.redaction import redact, redact_text
from jobqueue.states import FINISHED, WAITING, Priority
from jobqueue.waiting import Waiting, why_waiting

_MOST_RELATED = 100
_MOST_ATTEMPTS = 100


@dataclass(frozen=True, kw_only=True)
class Description:
    """A job and its surroundings, read once."""

    job: Job
    waiting: Waiting | None
    attempts: Sequence[Attempt]
    """The latest, oldest first."""
    lines: Sequence[LogLine]
    parents: Sequence[Job]
    dependents: Sequence[Job]
    children: Sequence[Job]

    @classmethod
    def of(cls, job: Job, *, with_log: bool) -> Self:
        """Read what belongs to the job."""
        jobs = Job.objects.for_list().order_by("pk")
        attempts = Attempt.objects.filter(job_id=job.pk).order_by("-claim")[:_MOST_ATTEMPTS]
        return cls(
            job=job,
            waiting=why_waiting(job) if job.status in WAITING else None,
            attempts=list(reversed(attempts)),
            lines=list(LogLine.objects.filter(job_id=job.pk)) if with_log else [],
            parents=list(jobs.parents_of(job.pk)[:_MOST_RELATED]),
            dependents=list(jobs.dependents_of(job.pk)[:_MOST_RELATED]),
            children=list(jobs.children_of(job.pk)[:_MOST_RELATED]),
        )

    def to_json(self) -> dict[str, Any]:
        """For scripts."""
        job = self.job
        return {
            **JobRow.of(job).to_json(),
            "payload": redact(job.payload),
            "result": redact(job.result),
            "deadline": iso(job.deadline),
            "timeoutSeconds": job.timeout.total_seconds() if job.timeout else None,
            "uniqueKey": job.unique_key,
            "concurrencyKey": job.concurrency_key,
            "concurrencyLimit": job.concurrency_limit,
            "fingerprint": job.fingerprint,
            "cancelRequestedAt": iso(job.cancel_requested_at),
            "cancelReason": job.cancel_reason,
            "waiting": {"kind": self.waiting.kind.value, "sentence": self.waiting.sentence} if self.waiting else None,
            "parent": str(job.parent_id) if job.parent_id else None,
            "dependsOn": [str(other.pk) for other in self.parents],
            "dependents": [str(other.pk) for other in self.dependents],
            "children": [str(other.pk) for other in self.children],
            "attemptHistory": [_attempt(attempt) for attempt in self.attempts],
            "log": [
                {"claim": line.claim, "time": iso(line.time), "level": line.level, "text": redact_text(line.text)}
                for line in self.lines
            ],
        }

    def text(self, *, with_tracebacks: bool) -> str:
        """For people."""
        facts = [(name, value) for name, value in _facts(self) if value not in (None, "", "-")]
        width = max(len(name) for name, _ in facts)
        parts = ["\n".join(f"{name:<{width}}  {value}" for name, value in facts)]
        for heading, jobs in (
            ("Depends on", self.parents),
            ("Waited for by", self.dependents),
            ("Enqueued", self.children),
        ):
            if jobs:
                rows = [(other.pk, other.task_type, other.get_status_display()) for other in jobs]
                parts.append(f"{heading}:\n{table(('id', 'task type', 'status'), rows)}")
        if self.attempts:
            parts.append(f"Attempts:\n{_attempts_table(self.attempts)}")
        if with_tracebacks:
            parts += [f"Attempt {attempt.number}:\n{plain_lines(attempt.traceback)}" for attempt in self.attempts]
        if self.lines:
            said = (f"{seconds(line.time)} {line.level:<7} {plain(redact_text(line.text))}" for line in self.lines)
            parts.append("Log:\n" + "\n".join(said))
        return "\n\n".join(parts)


def _facts(described: Description) -> Iterator[tuple[str, Any]]:
    job = described.job
    yield "Job", job.pk
    yield "Task type", job.task_type
    yield "Status", job.get_status_display()
    if described.waiting:
        yield "Waiting", plain(described.waiting.sentence)
    yield "Queue", job.queue
    yield "Priority", Priority(job.priority).name
    yield "Attempts", f"{job.attempt_number} of {job.max_attempts}"
    yield "Created", seconds(job.created_at)
    yield "Due", None if job.status in FINISHED else seconds(job.run_at)
    yield "Started", seconds(job.started_at)
    yield "Ended", seconds(job.finished_at)
    yield "Deadline", seconds(job.deadline)
    yield "Schedule", plain(job.schedule) if job.schedule_id else None
    yield "Created by", plain(job.created_by) if job.created_by_id else None
    yield "Tags", plain(", ".join(job.tags))
    yield "Unique key", plain(job.unique_key)
    yield (
        "Concurrency",
        f"{plain(job.concurrency_key)} (at most {job.concurrency_limit})" if job.concurrency_key else "",
    )
    yield "Enqueued by", job.parent_id
    if job.progress_done is not None:
        total = "" if job.progress_total is None else f" of {job.progress_total:,}"
        yield "Progress", plain(f"{job.progress_done:,}{total} {job.progress_message}").strip()
    yield (
        "Cancelled",
        plain(f"{seconds(job.cancel_requested_at)} {job.cancel_reason}") if job.cancel_requested_at else "",
    )
    yield "Error", plain(f"{job.error_code} {redact_text(job.error_message)}").strip()
    yield "Fingerprint", job.fingerprint
    yield "Payload", _inline(redact(job.payload))
    yield "Result", "" if job.result is None else _inline(redact(job.result))


def _inline(value: Any) -> str:
    return plain(" ".join(as_json(value).split()))


def _attempts_table(attempts: Sequence[Attempt]) -> str:
    rows = (
        (
            attempt.number,
            seconds(attempt.started_at),
            f"{attempt.duration.total_seconds():.2f} s",
            attempt.get_outcome_display(),
            f"{attempt.error_code} {redact_text(attempt.error_message)}".strip(),
        )
        for attempt in attempts
    )
    return table(("#", "started", "took", "outcome", "error"), rows, numbers=("#", "took"))


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "claim": attempt.claim,
        "worker": str(attempt.worker_id) if attempt.worker_id else None,
        "startedAt": iso(attempt.started_at),
        "finishedAt": iso(attempt.finished_at),
        "outcome": attempt.outcome,
        "errorCode": attempt.error_code,
        "errorClass": attempt.error_class,
        "errorMessage": redact_text(attempt.error_message),
        "traceback": redact_text(attempt.traceback),
    }
