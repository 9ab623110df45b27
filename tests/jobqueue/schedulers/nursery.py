"""`python -m tests.jobqueue.schedulers.nursery CLOCK`: forks a scheduler for each line that it reads, tells its pid.

Each lives by the simulated clock, ticks as often as it can, and dies with the nursery or by a signal.
"""

import os
import signal
import sys
import time
from pathlib import Path

import django
import time_machine

from .clock import SharedClock

_BETWEEN_TICKS = 0.01  # real seconds


def main() -> None:
    """Set up once, so that a scheduler costs no more than a fork."""
    django.setup()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    nursery = os.getpid()
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _schedule(nursery, SharedClock(Path(sys.argv[1])))
        print(pid, flush=True)


def _schedule(nursery: int, clock: SharedClock) -> None:
    from jobqueue.executor.process import die_with_parent
    from jobqueue.scheduler import tick

    die_with_parent(nursery)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        while True:
            traveller.move_to(clock.now())
            tick()
            time.sleep(_BETWEEN_TICKS)


if __name__ == "__main__":
    main()
