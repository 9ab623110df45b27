"""From the call of `enqueue` to the start of the handler, on an idle worker, beside a bare NOTIFY round trip."""

import statistics
import time
from collections.abc import Iterator

from jobqueue.api import enqueue
from jobqueue.models import Attempt
from tests.bench import database, processes
from tests.bench.table import Row

_JOBS = 200


def measure() -> Iterator[Row]:
    """Median and 99th percentile."""
    database.empty()
    floor = _bare_notify()
    with processes.worker():
        time.sleep(1)
        asked: dict[object, float] = {}
        for _ in range(_JOBS):
            time.sleep(0.03)
            began = time.time()
            asked[enqueue("noop").id] = began
        while Attempt.objects.count() < _JOBS:
            time.sleep(0.1)
    waits = sorted(
        (attempt.started_at.timestamp() - asked[attempt.job_id]) * 1_000 for attempt in Attempt.objects.all()
    )
    for name, at, wanted in (("p50", 0.5, 6), ("p99", 0.99, 30)):
        yield Row(
            name=f"enqueue to handler start, idle, {name}",
            figure=waits[int(len(waits) * at)],
            unit="ms",
            ceiling_name="bare INSERT + NOTIFY, median",
            ceiling=floor,
            note=f"want <= {wanted} ms",
        )


def _bare_notify() -> float:
    """Milliseconds from an INSERT with NOTIFY to its arrival at a listener, median of 50."""
    with database.bare() as listener, database.bare() as notifier:
        listener.execute("LISTEN bench")
        notifier.execute("CREATE TABLE IF NOT EXISTS bench_notify (n int)")
        times = []
        for number in range(50):
            began = time.perf_counter()
            with notifier.transaction():
                notifier.execute("INSERT INTO bench_notify VALUES (%s)", [number])
                notifier.execute("NOTIFY bench")
            next(listener.notifies(timeout=5, stop_after=1))
            times.append((time.perf_counter() - began) * 1_000)
        return statistics.median(times)
