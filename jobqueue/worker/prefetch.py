"""How many jobs to claim ahead: enough that children never wait for short jobs, none when jobs are long."""

AHEAD_SECONDS = 0.1
"""At most this much work waits in a child besides the job it runs."""
_MOST_AHEAD = 400
_WEIGHT = 0.2  # of the newest duration in the moving mean
_OVERHEAD = 0.00002  # seconds that even an empty job takes


class Durations:
    """A moving mean of how long jobs of each task type take, in seconds."""

    def __init__(self) -> None:
        self._means: dict[str, float] = {}

    def expected(self, task_type: str) -> float:
        """What the next job of this type will take; for an unknown type so long that none is put behind it."""
        return self._means.get(task_type, AHEAD_SECONDS)

    def learn(self, task_type: str, seconds: float) -> None:
        """Take one more measured duration into account."""
        seconds += _OVERHEAD
        mean = self._means.get(task_type)
        self._means[task_type] = seconds if mean is None else mean + _WEIGHT * (seconds - mean)


class BatchSize:
    """How many jobs the next claim may take; grows while all that was claimed could be used, else shrinks.

    As in TCP's slow start, there is no telling what the next jobs are before they are claimed.
    """

    def __init__(self, children: int) -> None:
        self._least = children
        self._most = children * _MOST_AHEAD
        self.jobs = children

    def learn(self, wanted: int, claimed: int, used: int) -> None:
        """`used` of `claimed` jobs found room; `wanted` had been asked for."""
        if used < claimed:
            self.jobs = max(self._least, used)
        elif claimed == wanted:
            self.jobs = min(self._most, self.jobs * 2)
