"""Worker cycles: one short run of a worker, for an HTTP request, a crontab or a person, and the record of each.

Handlers never run in the process that asks: `run_cycle` starts `manage.py run_worker --once` as a process of its own.
That process writes its own record, so a cycle is told of even if who asked for it is gone.
"""

from jobqueue.cycles.result import CycleJob, CycleResult
from jobqueue.cycles.run import MOST_JOBS, run_cycle

__all__ = ["MOST_JOBS", "CycleJob", "CycleResult", "run_cycle"]
