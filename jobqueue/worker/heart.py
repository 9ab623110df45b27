"""The heart: beats, looks for cancel requests, and judges which other workers are lost."""

import threading
import time
from collections.abc import Callable
from uuid import UUID

from django.db import connection

from jobqueue.conf import conf
from jobqueue.executor.process import machine, start_time
from jobqueue.models import Worker
from jobqueue.rescue import rescue
from jobqueue.worker.service import Service, log

_BEAT = """
UPDATE jobqueue_worker SET beat_at = clock_timestamp(), jobs_done = %s, memory_mib = %s
WHERE id = %s AND lost_at IS NULL
"""
_CANCELS = """
SELECT id::text, cancel_reason FROM jobqueue_job
WHERE worker_id = %s AND status = 'running' AND cancel_requested_at IS NOT NULL
"""
# Only by whom the database has heard just now: what kept others from beating, such as a lock on the table of jobs or a
# server that stood still, may have kept this worker, too, between its beat and this.
_SILENT = """
SELECT id FROM jobqueue_worker
WHERE stopped_at IS NULL AND lost_at IS NULL AND id <> %(own)s
  AND beat_at < clock_timestamp() - make_interval(secs => %(patience)s)
  AND EXISTS (SELECT FROM jobqueue_worker AS own
              WHERE own.id = %(own)s AND own.beat_at > clock_timestamp() - make_interval(secs => %(patience)s / 2))
"""


class Heart(Service):
    """Beats every `HEARTBEAT_SECONDS`, and sooner when poked."""

    def __init__(
        self,
        worker: UUID,
        vitals: Callable[[], tuple[int, int]],
        on_cancel: Callable[[list[tuple[str, str]]], None],
        on_condemned: Callable[[], None],
        on_crash: Callable[[], None],
    ) -> None:
        """`vitals` tells (jobs done, MiB in use), `on_cancel` gets (job id, reason) of jobs that are to stop."""
        super().__init__("heart", on_crash)
        self._worker = worker
        self._vitals = vitals
        self._on_cancel = on_cancel
        self._on_condemned = on_condemned
        self._poked = threading.Event()
        self._beating_since = time.monotonic()
        self._beat_at = self._beating_since

    def poke(self) -> None:
        """Look for cancel requests now."""
        self._poked.set()

    def stop(self) -> None:
        """End now."""
        super().stop()
        self.poke()

    def reconnected(self) -> None:
        """Who was itself away, by an outage, cannot tell who else was silent."""
        self._beating_since = time.monotonic()

    def step(self) -> None:
        """One beat, then wait for the next."""
        self._poked.clear()
        if not self._beat():
            log.warning("This worker was declared lost; it starts anew.")
            self._on_condemned()
            self.stop()
            return
        with connection.cursor() as cursor:
            cursor.execute(_CANCELS, [self._worker])
            cancels = cursor.fetchall()
        if cancels:
            self._on_cancel(cancels)
        for lost in {*self._dead_here(), *self._silent()}:
            held = rescue(lost)
            log.warning("Worker %s is lost; rescued %d jobs.", lost, held)
        self._poked.wait(conf().HEARTBEAT_SECONDS)

    def _beat(self) -> bool:
        done, mib = self._vitals()
        with connection.cursor() as cursor:
            cursor.execute(_BEAT, [done, mib, self._worker])
            is_alive = bool(cursor.rowcount)
        now = time.monotonic()
        # A paused machine is an absence, too.
        if now - self._beat_at > 2 * conf().HEARTBEAT_SECONDS:
            self._beating_since = now
        self._beat_at = now
        return is_alive

    def _dead_here(self) -> list[UUID]:
        others = Worker.objects.filter(machine=machine(), stopped_at=None, lost_at=None).exclude(pk=self._worker)
        return [
            other.pk for other in others if other.process_started and start_time(other.pid) != other.process_started
        ]

    def _silent(self) -> list[UUID]:
        patience = conf().LOST_AFTER_SECONDS
        if time.monotonic() - self._beating_since < patience:
            return []
        with connection.cursor() as cursor:
            cursor.execute(_SILENT, {"own": self._worker, "patience": patience})
            return [row[0] for row in cursor.fetchall()]
