"""The claimer: takes due jobs as far as there is room, and sleeps until there is something to take."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import connection

from jobqueue.claim import ClaimedJob, claim, seconds_until_due
from jobqueue.conf import conf
from jobqueue.floors import Floors
from jobqueue.worker.service import Service

_SET_SLEEPING = "UPDATE jobqueue_worker SET is_sleeping = %s WHERE id = %s AND lost_at IS NULL"
_SECOND_LOOK = 0.05  # seconds after falling asleep, for inserts that were on their way into the table just then
_HELD = "SELECT id::text, claim FROM jobqueue_job WHERE worker_id = %s AND status = 'running'"


class Claimer(Service):
    """Claims for the supervisor, which says how much it wants."""

    def __init__(
        self,
        worker: UUID,
        queues: Sequence[str],
        deliver: Callable[[list[ClaimedJob]], None],
        on_drained: Callable[[int], None],
        reconcile: Callable[[list[tuple[str, int]]], None],
        on_crash: Callable[[], None],
        returned: deque[str],
        *,
        despite_stop: bool = False,
    ) -> None:
        """
        Args:
            deliver: gets each set of claimed jobs.
            on_drained: called when nothing more is due, with the number of the look that found nothing.
            reconcile: gets all (id, claim) that the database says are ours.
            returned: gets the ids of the jobs that are handed back, before one more claim is wanted.
            despite_stop: claim also while everything is paused.
        """
        super().__init__("claimer", on_crash)
        self._worker = worker
        self._queues = deque(queues)
        self._deliver = deliver
        self._on_drained = on_drained
        self._reconcile = reconcile
        self._despite_stop = despite_stop
        self._floors = Floors()
        self._returned = returned
        self._wanted = 0
        self._want_changed = threading.Condition()
        self._woken = threading.Event()
        self._is_sleeping = False
        self._is_drowsy = False
        self.looks = 0
        """The number of the latest look for work."""

    def want(self, jobs: int) -> None:
        """Claim up to this many; what is delivered uses it up."""
        with self._want_changed:
            self._wanted = jobs
            self._want_changed.notify()

    def wake(self) -> None:
        """There may be something to claim."""
        self._woken.set()

    def stop(self) -> None:
        """End soon, whatever it waits for."""
        super().stop()
        self.want(0)
        self.wake()

    def reconnected(self) -> None:
        """A claim whose answer was lost with the connection may have succeeded."""
        with connection.cursor() as cursor:
            cursor.execute(_HELD, [self._worker])
            self._reconcile(cursor.fetchall())
        self._is_sleeping = False

    def step(self) -> None:
        """Claim once if there is room; if that took all there was, sleep."""
        wanted = self._wait_for_room()
        if not wanted:
            return
        self._woken.clear()
        self.looks += 1
        jobs = [] if conf().DISABLED else self._claim(wanted)
        if jobs:
            with self._want_changed:
                self._wanted = 0
            self._deliver(jobs)
        if len(jobs) == wanted:
            if self._is_sleeping:
                self._say_sleeping(False)
        elif not self._is_sleeping:
            # Whoever enqueues from now on notifies us; one more look catches who did before.
            self._say_sleeping(True)
        elif not jobs:
            self._on_drained(self.looks)
            self._sleep()

    def _claim(self, wanted: int) -> list[ClaimedJob]:
        self._floors.returned(self._returned.popleft() for _ in range(len(self._returned)))
        return claim(self._worker, wanted, self._next_turn(), despite_stop=self._despite_stop, floors=self._floors)

    def _next_turn(self) -> list[str]:
        # Queues of one priority take turns in being first.
        self._queues.rotate(-1)
        return list(self._queues)

    def _wait_for_room(self) -> int:
        with self._want_changed:
            if not self._wanted and not self.stopping.is_set():
                self._want_changed.wait(1.0)
            return self._wanted

    def _sleep(self) -> None:
        longest = _SECOND_LOOK if self._is_drowsy else conf().POLL_SECONDS
        self._is_drowsy = False
        due = None if self._woken.is_set() else seconds_until_due(list(self._queues))
        self._woken.wait(longest if due is None else min(due, longest))

    def _say_sleeping(self, is_sleeping: bool) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_SET_SLEEPING, [is_sleeping, self._worker])
        self._is_sleeping = self._is_drowsy = is_sleeping
