"""The world's clock: real seconds times a speed, plus what a test moved it forward."""

import time


class Clock:
    """Starts at `start` (unix seconds) and runs `speed` simulated seconds a real second; 0 stands still."""

    def __init__(self, start: float, speed: float) -> None:
        self.speed = speed
        self._start = start
        self._began = time.monotonic()

    def now(self) -> int:
        """The simulated time, in whole unix seconds."""
        return int(self._start + (time.monotonic() - self._began) * self.speed)

    def advance(self, seconds: float) -> None:
        """Move the clock forward by simulated seconds, never back."""
        self._start += max(seconds, 0.0)
