"""The dispatcher: decides how many jobs to claim, and which child gets which."""

import time
from collections.abc import Sequence

from jobqueue.claim import ClaimedJob
from jobqueue.conf import conf
from jobqueue.exceptions import UnknownTaskTypeError
from jobqueue.executor.channel import ToChild
from jobqueue.registry import registry
from jobqueue.worker import settle
from jobqueue.worker.child import Child
from jobqueue.worker.crew import Crew
from jobqueue.worker.outbox import Outbox
from jobqueue.worker.prefetch import AHEAD_SECONDS, BatchSize, Durations


class Dispatcher:
    """Hands claimed jobs to the crew; what finds no room goes back."""

    def __init__(self, crew: Crew, outbox: Outbox, durations: Durations, size: int, limit: int | None) -> None:
        """`size` is the number of children; `limit` bounds the jobs of the worker's whole life."""
        self._crew = crew
        self._outbox = outbox
        self._durations = durations
        self._limit = limit
        self._batch = BatchSize(size)
        self._asked = 0
        self._timeouts: dict[str, float] = {}
        self._handed_out = 0
        self.is_claiming = False

    @property
    def jobs_claimed(self) -> int:
        """How many jobs were claimed and not given back unused."""
        return self._handed_out - self._crew.jobs_returned

    def room(self) -> int:
        """How many jobs to ask for now; 0 if a claim is under way or the children have enough ahead."""
        # What was handed back came first by priority: a claim before it is there again would take lower ones.
        if self.is_claiming or self._outbox.is_crowded() or self._outbox.is_releasing():
            return 0
        takers = self._crew.takers()
        idle = sum(1 for child in takers if not child.jobs)
        room = self._batch.jobs - sum(len(child.jobs) for child in takers)
        if not idle:
            ahead = sum(child.ahead for child in takers)
            if room < self._batch.jobs // 2 or ahead >= len(takers) * AHEAD_SECONDS / 2:
                return 0
        wanted = max(idle, room)
        return wanted if self._limit is None else min(wanted, self._limit - self.jobs_claimed)

    def has_reached_limit(self) -> bool:
        """Whether no more jobs may be claimed."""
        return self._limit is not None and self.jobs_claimed >= self._limit

    def asked(self, jobs: int) -> None:
        """So many are being claimed."""
        self.is_claiming, self._asked = True, jobs

    def delivered(self, jobs: list[ClaimedJob]) -> None:
        """Hand out what was claimed."""
        self.is_claiming = False
        unused = self._hand_out(jobs)
        self._handed_out += len(jobs) - len(unused)
        self._batch.learn(self._asked, len(jobs), len(jobs) - len(unused))
        self.release(unused)

    def release(self, jobs: Sequence[ClaimedJob]) -> None:
        """Give jobs back unused."""
        if jobs:
            self._outbox.release([(job.id, job.claim) for job in jobs])

    def _hand_out(self, jobs: Sequence[ClaimedJob]) -> list[ClaimedJob]:
        """Give the jobs to the least loaded children; returns those that found no room."""
        now, takers = time.time(), self._crew.takers()
        handed: dict[Child, list[ClaimedJob]] = {child: [] for child in takers}
        unused: list[ClaimedJob] = []
        for at, claimed in enumerate(jobs):
            # The deadline is for the first start; a job that has begun may retry beyond it.
            if claimed.deadline is not None and claimed.deadline < now and claimed.number == 1:
                self._outbox.report(claimed.id, settle.expired(claimed), False)
                continue
            expected = self._durations.expected(claimed.task_type)
            child = min(takers, key=_load, default=None)
            if child is None or (child.jobs and child.ahead + expected > AHEAD_SECONDS):
                unused = list(jobs[at:])
                break
            job = claimed if claimed.timeout is not None else claimed._replace(timeout=self._timeout(claimed.task_type))
            if job.number > job.max_attempts:
                # A row may say that its attempts are used up and yet be due, such as by an operator's hand.
                job = job._replace(number=job.max_attempts)
            child.take(job, expected)
            handed[child].append(job)
        for child, rows in handed.items():
            if rows:
                child.send([ToChild.JOBS, rows])
                self._crew.watch(child)
        return unused

    def _timeout(self, task_type: str) -> float:
        seconds = self._timeouts.get(task_type)
        if seconds is None:
            try:
                own = registry.get(task_type).timeout
            except UnknownTaskTypeError:
                own = None
            seconds = self._timeouts[task_type] = (own or conf().DEFAULT_TIMEOUT).total_seconds()
        return seconds


def _load(child: Child) -> float:
    return child.ahead
