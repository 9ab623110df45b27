"""The writer: stores outcomes as soon as the set before is stored, and never loses one while the process lives."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from uuid import UUID

import msgspec
from django.db import DataError, Error, transaction

from jobqueue import journal, transitions
from jobqueue.giving_up import tell_if_final
from jobqueue.models import Job
from jobqueue.reports import Report, encode_report
from jobqueue.states import AttemptOutcome, Status
from jobqueue.worker.outbox import Batch, Outbox
from jobqueue.worker.service import Service, log

_MOST_AT_ONCE = 1_000
_IDLE_WAIT = 1.0
# Under load, sets of some size beat many small commits; still well inside the 20 ms that an outcome may wait.
_BETWEEN_WRITES = 0.005
_decode = msgspec.json.Decoder(Report).decode
_encode = msgspec.json.Encoder().encode


class Writer(Service):
    """Takes batches from the outbox and writes each in one transaction."""

    def __init__(
        self, worker: UUID, outbox: Outbox, on_written: Callable[[Batch], None], on_crash: Callable[[], None]
    ) -> None:
        super().__init__("writer", on_crash)
        self._on_written = on_written
        self._worker = worker
        self._outbox = outbox
        self._unwritten: Batch | None = None
        self._wrote_at = 0.0

    def step(self) -> None:
        """Write one batch; after a failure the same one again."""
        if self._unwritten is None:
            soon = self._wrote_at + _BETWEEN_WRITES - time.monotonic()
            if soon > 0:
                time.sleep(soon)
            batch = self._outbox.take(_IDLE_WAIT)
            if batch.is_empty():
                return
            self._unwritten = batch
        batch = self._unwritten
        try:
            self._write(batch)
        except Error as error:
            if not _is_refusal(error):
                raise
            self._write_singly(batch)
        self._unwritten = None
        self._outbox.written(batch)
        self._wrote_at = time.monotonic()
        self._on_written(batch)

    def stop(self) -> None:
        """End now."""
        super().stop()
        self._outbox.wake()

    def holds(self, id_: str) -> bool:
        """Whether an outcome of this job is on its way into the database."""
        unwritten = self._unwritten
        return self._outbox.has(id_) or (unwritten is not None and id_ in unwritten.reports)

    def is_done(self) -> bool:
        """Whether everything that was put in is stored."""
        return self._unwritten is None and self._outbox.is_empty()

    def _write(self, batch: Batch) -> None:
        notes = batch.marks or batch.progress or batch.checkpoints or batch.lines
        only_reports = not (notes or batch.releases or batch.drops)
        # One statement is a transaction of its own; a BEGIN would cost two more round trips.
        with nullcontext() if only_reports and len(batch.reports) <= _MOST_AT_ONCE else transaction.atomic():
            marks = [mark for id_, mark in batch.marks.items() if id_ not in batch.reports]
            if marks:
                transitions.mark_started(_encode(marks), [mark["id"] for mark in marks])
            self._write_notes(batch)
            # In the order of ids, as everybody locks jobs: no deadlock with an operator's bulk action.
            ids = sorted(batch.reports)
            for at in range(0, len(ids), _MOST_AT_ONCE):
                some = ids[at : at + _MOST_AT_ONCE]
                transitions.finish(self._worker, [batch.reports[id_] for id_ in some], some)
            if batch.drops:
                transitions.drop(batch.drops)
            if batch.releases:
                transitions.release(batch.releases)

    def _write_notes(self, batch: Batch) -> None:
        if batch.progress:
            journal.write_progress(batch.progress)
        if batch.checkpoints:
            journal.write_checkpoints(batch.checkpoints)
        if batch.lines:
            journal.write_lines(batch.lines)

    def _write_singly(self, batch: Batch) -> None:
        """What PostgreSQL refuses of one job must not keep the others' from being stored."""
        with transaction.atomic():
            for part in batch.parts():
                try:
                    with transaction.atomic():
                        self._write(part)
                except Error as error:
                    if not _is_refusal(error):
                        raise
                    log.warning("PostgreSQL refuses what a job said: %s", str(error).strip(), extra=_about(part))
                    for id_, encoded in part.reports.items():
                        report = _storable(encoded, str(error))
                        batch.reports[id_] = encode_report(report)
                        transitions.finish(self._worker, [batch.reports[id_]], [id_])
                        transaction.on_commit(partial(tell_if_final, report, _type_of(id_)))


def _is_refusal(error: Error) -> bool:
    # Data that does not fit, or that is nested deeper than the server's stack (class 54).
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return isinstance(error, DataError) or state.startswith("54")


def _about(part: Batch) -> dict[str, str]:
    """For the log: the one job that a part is about."""
    ids = [*part.marks, *part.progress, *part.checkpoints, *(line[0] for line in part.lines), *part.reports]
    return {"job_id": ids[0], "job_type": _type_of(ids[0])} if ids else {}


def _type_of(id_: str) -> str:
    return Job.objects.filter(pk=id_).values_list("task_type", flat=True).first() or "unknown"


def _storable(refused: bytes, why: str) -> Report:
    # What comes before the result is ours; the result may be anything.
    ours, has_result, _ = refused.partition(b',"result":')
    report = _decode(ours + b"}" if has_result else refused)
    return Report(
        id=report.id,
        claim=report.claim,
        number=report.number,
        started=report.started,
        finished=report.finished,
        outcome=AttemptOutcome.ERROR.value,
        status=Status.FAILED.value,
        code="RESULT_INVALID",
        message=f"PostgreSQL cannot store what the job reported: {why.splitlines()[0]}",
    )
