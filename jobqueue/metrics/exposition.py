"""All families in Prometheus' text format, kept for a moment: many who ask at once cost as much as one."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator

from django.utils.module_loading import import_string
from prometheus_client import generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from jobqueue.conf import conf
from jobqueue.metrics.executions import executions
from jobqueue.metrics.jobs import jobs
from jobqueue.metrics.wellness import wellness

KEPT_SECONDS = 3.0
"""Less than any interval of scraping, so that no counter steps back where answers come from many processes."""

type Families = Callable[[], Iterable[Metric]]


class _Everything(Collector):
    def collect(self) -> Iterator[Metric]:
        """The queue's families, then those of the project."""
        of_project: list[Families] = [import_string(name) for name in conf().METRICS]
        for families in (wellness, jobs, executions, *of_project):
            yield from families()


_guard = threading.Lock()
_kept: tuple[float, bytes] | None = None


def exposition() -> bytes:
    """The text, at most `KEPT_SECONDS` old."""
    global _kept  # noqa: PLW0603
    with _guard:
        now = time.monotonic()
        if _kept is None or now - _kept[0] >= KEPT_SECONDS:
            _kept = now, generate_latest(_Everything())
        return _kept[1]


def forget() -> None:
    """Have the next one read anew."""
    global _kept  # noqa: PLW0603
    _kept = None
