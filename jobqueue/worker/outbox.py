"""What is to be written, in sets: the supervisor puts in, the writer takes everything out at once."""

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jobqueue.floors import REMEMBERED

_LARGE = 8_000_000  # bytes
_CROWD = 4  # large batches


@dataclass
class Batch:
    """Writes of one kind each. Within a batch their order is: marks, notes, reports, drops, releases."""

    marks: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By job id: {id, claim, number, started}."""
    progress: dict[str, list[Any]] = field(default_factory=dict)
    """By job id: [claim, done, total, message]; only the latest counts."""
    checkpoints: dict[str, list[Any]] = field(default_factory=dict)
    """By job id: [claim, JSON]; only the latest counts."""
    lines: list[tuple[Any, ...]] = field(default_factory=list)
    """(job id, claim, number, time, level, text)."""
    reports: dict[str, bytes] = field(default_factory=dict)
    """By job id: the encoded Report."""
    releases: list[tuple[str, int]] = field(default_factory=list)
    """(job id, claim)."""
    drops: list[str] = field(default_factory=list)
    """Ids among the reports: not kept if they have succeeded."""
    is_due_again: bool = False
    """Whether some of the jobs will be waiting for a worker once this is written."""
    size: int = 0
    """About how many bytes its large parts have."""

    @property
    def is_large(self) -> bool:
        """Whether nothing more should be added."""
        return self.size >= _LARGE

    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        notes = self.progress or self.checkpoints or self.lines
        return not (self.reports or self.marks or self.releases or self.drops or notes)

    def parts(self) -> Iterator["Batch"]:
        """Batches of one write each, in the order in which they must be written."""
        for id_, mark in self.marks.items():
            if id_ not in self.reports:
                yield Batch(marks={id_: mark})
        for id_, news in self.progress.items():
            yield Batch(progress={id_: news})
        for id_, news in self.checkpoints.items():
            yield Batch(checkpoints={id_: news})
        for line in self.lines:
            yield Batch(lines=[line])
        for id_ in sorted(self.reports):
            yield Batch(reports={id_: self.reports[id_]})
        if self.drops:
            yield Batch(drops=self.drops)
        for held in self.releases:
            yield Batch(releases=[held])


class Outbox:
    """A batch that fills while those before are written. None grows so large that PostgreSQL would choke on it."""

    def __init__(self) -> None:
        self._guard = threading.Condition()
        self._batch = Batch()
        self._full: deque[Batch] = deque()
        self._releasing = 0
        self.returned: deque[str] = deque(maxlen=REMEMBERED)
        """Ids of jobs to hand back, for the claimer to know of before it claims again."""

    def mark(self, id_: str, claim: int, number: int, started: float) -> None:
        """This execution has begun for longer than a moment."""
        with self._guard:
            self._batch.marks[id_] = {"id": id_, "claim": claim, "number": number, "started": started}
            self._guard.notify()

    def progress(self, id_: str, news: list[Any]) -> None:
        """The job's progress: [claim, done, total, message]."""
        with self._guard:
            self._batch.progress[id_] = news
            self._guard.notify()

    def checkpoint(self, id_: str, news: list[Any]) -> None:
        """The job's checkpoint: [claim, JSON]."""
        with self._guard:
            self._batch.checkpoints[id_] = news
            self._grow(len(news[1]))
            self._guard.notify()

    def log(self, id_: str, claim: int, lines: list[list[Any]]) -> None:
        """What the job logged: lists of number, time, level, text."""
        with self._guard:
            self._batch.lines.extend((id_, claim, *line) for line in lines)
            self._grow(sum(len(line[3]) for line in lines))
            self._guard.notify()

    def report(self, id_: str, report: bytes, is_due_again: bool) -> None:
        """How the job's execution ended, and whether another one is to follow."""
        with self._guard:
            self._batch.reports[id_] = report
            self._batch.is_due_again |= is_due_again
            self._grow(len(report))
            self._guard.notify()

    def drop(self, id_: str) -> None:
        """The job that was just reported is not kept if it has succeeded."""
        with self._guard:
            # The report may have filled its batch: then the next one has the drop, which comes later still.
            self._batch.drops.append(id_)
            self._guard.notify()

    def release(self, held: list[tuple[str, int]]) -> None:
        """Pairs of job id and claim to hand back unused."""
        with self._guard:
            self._batch.releases.extend(held)
            self.returned.extend(id_ for id_, _ in held)
            self._releasing += len(held)
            self._batch.is_due_again = True
            self._guard.notify()

    def take(self, timeout: float) -> Batch:
        """What came first, as much as one batch holds; waits up to `timeout` seconds for something to come."""
        with self._guard:
            if self._is_empty():
                self._guard.wait(timeout)
            if self._full:
                return self._full.popleft()
            batch, self._batch = self._batch, Batch()
        return batch

    def wake(self) -> None:
        """End a wait in `take`."""
        with self._guard:
            self._guard.notify()

    def is_empty(self) -> bool:
        """Whether nothing waits to be taken."""
        with self._guard:
            return self._is_empty()

    def is_crowded(self) -> bool:
        """Whether more comes in than can be written, so that no more work should be begun."""
        return len(self._full) >= _CROWD

    def is_releasing(self) -> bool:
        """Whether jobs are handed back that nobody can claim yet."""
        return self._releasing > 0

    def written(self, batch: Batch) -> None:
        """What was taken is stored."""
        with self._guard:
            self._releasing -= len(batch.releases)

    def has(self, id_: str) -> bool:
        """Whether an outcome of this job waits to be written."""
        with self._guard:
            return any(id_ in batch.reports for batch in (*self._full, self._batch))

    def _is_empty(self) -> bool:
        return not self._full and self._batch.is_empty()

    def _grow(self, size: int) -> None:
        self._batch.size += size
        if self._batch.is_large:
            self._full.append(self._batch)
            self._batch = Batch()
