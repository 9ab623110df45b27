"""Where a worker's claims begin while PostgreSQL must keep all that they have taken.

A transaction that stays open for long, such as a backup's or a report's, may still see every job as it was before it
was claimed. Until it ends, no index entry of a claimed job can go, and each claim would step over all of them again: a
queue that runs a thousand jobs a second would soon do nothing else. So a worker whose claims have become slow goes on
where its last one ended, or where it hands a job back. What others put behind that, such as a job whose parent has
succeeded, is found by a look from the beginning: whenever too little else is left, and so often that a tenth of the
time is spent on it.
"""

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

_SHARE = 0.1
# A look that takes no longer than this need not be saved.
_FAST = 0.005  # seconds
_FAST_PER_JOB = 0.00002
REMEMBERED = 10_000
"""Jobs; more than a worker can have in hand."""
_BEGINNING = ("-infinity", "00000000-0000-0000-0000-000000000000")

type Lane = tuple[int, str]
"""A priority, and a queue; "" for all queues at once."""
type Place = tuple[datetime, str]
"""In a lane, at the job with this time and id."""


class Floors:
    """What one worker remembers from claim to claim."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._places: dict[Lane, Place] = {}
        self._claimed: dict[str, tuple[Lane, Place]] = {}
        self._hold_until = 0.0

    @property
    def hold(self) -> bool:
        """Whether the next claim need not begin at the beginning."""
        return self._clock() < self._hold_until

    def parameters(self, lanes: Iterable[Lane]) -> dict[str, list[Any]]:
        """Where to begin in each of these lanes: `since`, the times, and `first`, the ids."""
        places = [self._places.get(lane, _BEGINNING) for lane in lanes]
        return {"since": [str(moment) for moment, _ in places], "first": [id_ for _, id_ in places]}

    def reached(self, places: Iterable[tuple[Lane, Place]]) -> None:
        """Jobs at these places were claimed."""
        for lane, place in places:
            self._claimed[place[1]] = (lane, place)
            self._places[lane] = max(place, self._places.get(lane, place))
        while len(self._claimed) > REMEMBERED:
            del self._claimed[next(iter(self._claimed))]

    def returned(self, ids: Iterable[str]) -> None:
        """Of the claimed jobs, these are handed back: the next claim begins with them."""
        for id_ in ids:
            if id_ in self._claimed:
                lane, place = self._claimed.pop(id_)
                self._places[lane] = min(place, self._places[lane])
            else:
                self._hold_until = 0.0

    def looked(self, seconds: float, jobs: int) -> None:
        """A claim from the beginning took so long, for so many jobs."""
        is_slow = seconds > _FAST + _FAST_PER_JOB * jobs
        self._hold_until = self._clock() + seconds / _SHARE if is_slow else 0.0
