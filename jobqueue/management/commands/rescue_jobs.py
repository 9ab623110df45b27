"""Rescue the running jobs of workers that are gone, should no other worker be there to do it."""

import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from jobqueue import audit
from jobqueue.audit import Actor
from jobqueue.conf import conf
from jobqueue.executor.process import machine, start_time
from jobqueue.management.command import JobQueueCommand
from jobqueue.management.printing import as_json, iso, seconds, table
from jobqueue.models import Job, Worker
from jobqueue.models.audit_entry import Action
from jobqueue.rescue import rescue


class Command(JobQueueCommand):
    help = (
        "Rescue the jobs of lost workers: what they had begun is retried, or dead after its last attempt; "
        "the rest goes back unused. Running workers do the same by themselves."
    )
    examples = ("--dry-run", "")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="tell which workers are lost and change nothing")
        parser.add_argument("--json", action="store_true", help='{"dryRun", "workers": [...]}')

    def handle(self, *args: Any, **options: Any) -> None:
        rows = []
        for worker in self._lost():
            held = Job.objects.running().filter(worker=worker).count() if options["dry_run"] else _rescue(worker)
            rows.append((worker, held))
        if options["json"]:
            workers = [_as_json(worker, held) for worker, held in rows]
            self.stdout.write(as_json({"dryRun": options["dry_run"], "workers": workers}))
            return
        if not rows:
            self.stdout.write("No worker is lost.")
            return
        shown = [(worker.pk, worker, seconds(worker.beat_at), held) for worker, held in rows]
        self.stdout.write(table(("worker", "process", "last beat", "jobs"), shown, numbers=("jobs",)))
        total = sum(held for _, held in rows)
        did = "Would rescue" if options["dry_run"] else "Rescued"
        self.stdout.write(f"{did} {total:,} {'job' if total == 1 else 'jobs'}.")

    def _lost(self) -> list[Worker]:
        alive = list(Worker.objects.filter(stopped_at=None, lost_at=None).order_by("pk"))
        dead = [worker for worker in alive if _is_dead_here(worker)]
        patience = timedelta(seconds=conf().LOST_AFTER_SECONDS)
        silent = [worker for worker in alive if worker not in dead and timezone.now() - worker.beat_at > patience]
        return dead + (self._still_silent(silent) if silent else [])

    def _still_silent(self, workers: Iterable[Worker]) -> list[Worker]:
        # After an outage of the database all of them were silent; who lives beats again.
        beats = {worker.pk: worker.beat_at for worker in workers}
        span = 2 * conf().HEARTBEAT_SECONDS
        self.stderr.write(f"Watching {len(beats)} silent workers for {span:.0f} s, whether they beat again.")
        time.sleep(span)
        now = Worker.objects.filter(pk__in=beats, stopped_at=None, lost_at=None)
        return [worker for worker in now if worker.beat_at == beats[worker.pk]]


def _is_dead_here(worker: Worker) -> bool:
    is_ours = worker.machine == machine() and worker.process_started != ""
    return is_ours and start_time(worker.pid) != worker.process_started


def _rescue(worker: Worker) -> int:
    with transaction.atomic():
        held = rescue(worker.pk)
        audit.record(
            Actor.of_shell(),
            Action.WORKERS_RESCUE,
            object_type="worker",
            object_id=str(worker.pk),
            object_label=str(worker),
            after={"jobs": held},
        )
    return held


def _as_json(worker: Worker, held: int) -> dict[str, Any]:
    return {"id": str(worker.pk), "process": str(worker), "beatAt": iso(worker.beat_at), "jobs": held}
