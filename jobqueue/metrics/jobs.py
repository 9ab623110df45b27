"""Jobs by state and type, counted no further than a bound."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from jobqueue.metrics.labels import type_label
from jobqueue.planner import by_index
from jobqueue.states import Status

CAP = 10_000
"""Per state. What has ended well is counted by `jobqueue_attempts_total`, for it may be millions."""
_COUNTED = (Status.PENDING, Status.RUNNING, Status.RETRYING, Status.FAILED, Status.DEAD)
_BY_TYPE = " UNION ALL ".join(
    f"SELECT '{status}', task_type, count(*) FROM ("  # noqa: S608  constants only
    f"SELECT task_type FROM jobqueue_job WHERE status = '{status}' LIMIT {CAP}) AS {status} GROUP BY task_type"
    for status in _COUNTED
)


def jobs() -> Iterator[Metric]:
    """One gauge."""
    family = GaugeMetricFamily(
        "jobqueue_jobs",
        f"Jobs that wait, run or have failed, by state and task type; counted up to {CAP:,} per state.",
        labels=["state", "type"],
    )
    with by_index() as cursor:
        cursor.execute(_BY_TYPE)
        rows = cursor.fetchall()
    found: Counter[tuple[str, str]] = Counter()
    for status, task_type, number in rows:
        found[status, type_label(task_type)] += number
    for status in _COUNTED:
        if not any(state == status for state, _ in found):
            found[status.value, ""] = 0  # a series that only appears with its first failure has no increase
    for (status, task_type), number in sorted(found.items()):
        family.add_metric([status, task_type], number)
    yield family
