"""Where a worker's claims begin while PostgreSQL must keep all that they have taken.

A transaction that stays open for long, such as a backup's or a report's, may still see every job as it was before it
was claimed. Until it ends, no index entry of a claimed job can go, and each claim would step over all of them again: a
queue that runs a thousand jobs a second would soon do nothing else. So a busy worker goes on where its last claim
ended. What came in behind that meanwhile, such as a job that was handed back, is found by a look from the beginning:
whenever too little else is left, and so often that a tenth of the time is spent on it. While looks are fast, that is
at once.
"""

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

_SHARE = 0.1
_BEGINNING = ("-infinity", "00000000-0000-0000-0000-000000000000")

type Lane = tuple[int, str]
"""A priority, and a queue; "" for all queues at once."""
type Place = tuple[datetime, str]
"""In a lane, behind the job with this time and id."""


class Floors:
    """What one worker remembers from claim to claim."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._places: dict[Lane, Place] = {}
        self._hold_until = 0.0

    @property
    def hold(self) -> bool:
        """Whether the next claim need not begin at the beginning."""
        return self._clock() < self._hold_until

    def parameters(self, lanes: Iterable[Lane]) -> dict[str, list[Any]]:
        """Where to begin in each of these lanes: `since`, the times, and `after`, the ids."""
        places = [self._places.get(lane, _BEGINNING) for lane in lanes]
        return {"since": [str(moment) for moment, _ in places], "after": [id_ for _, id_ in places]}

    def reached(self, places: Iterable[tuple[Lane, Place]]) -> None:
        """Jobs at these places were claimed."""
        for lane, place in places:
            if lane not in self._places or place > self._places[lane]:
                self._places[lane] = place

    def looked(self, seconds: float) -> None:
        """A claim from the beginning took so long."""
        self._hold_until = self._clock() + seconds / _SHARE
