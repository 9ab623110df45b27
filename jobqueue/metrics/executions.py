"""What was executed since counting began: how often, how it ended, how long it took and how long it had waited."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric, SummaryMetricFamily

from jobqueue.metrics.labels import type_label
from jobqueue.throughput import BOUNDS, Total, totals

_LE = [*(f"{bound:g}" for bound in BOUNDS), "+Inf"]


def executions() -> Iterator[Metric]:
    """A counter, a histogram and a summary, of numbers that only ever grow."""
    found = totals()
    yield _attempts(found)
    by_type: defaultdict[str, list[Total]] = defaultdict(list)
    for total in found:
        by_type[type_label(total.task_type)].append(total)
    yield _durations(by_type)
    yield _latency(by_type)


def _attempts(found: Sequence[Total]) -> Metric:
    family = CounterMetricFamily(
        "jobqueue_attempts",
        "Executions by task type, by how they ended, and by the state of the job thereafter.",
        labels=["type", "outcome", "status"],
    )
    numbers: Counter[tuple[str, str, str]] = Counter()
    for total in found:
        numbers[type_label(total.task_type), total.outcome, total.status] += total.count
    for labels, number in sorted(numbers.items()):
        family.add_metric(labels, number)
    return family


def _durations(by_type: dict[str, list[Total]]) -> Metric:
    family = HistogramMetricFamily(
        "jobqueue_attempt_duration_seconds", "How long executions took, by task type.", labels=["type"]
    )
    for task_type, some in sorted(by_type.items()):
        counts = [sum(column) for column in zip(*(total.durations for total in some), strict=True)]
        buckets = list(zip(_LE, map(float, accumulate(counts)), strict=True))
        family.add_metric([task_type], buckets, sum_value=sum(total.seconds for total in some))
    return family


def _latency(by_type: dict[str, list[Total]]) -> Metric:
    family = SummaryMetricFamily(
        "jobqueue_claim_latency_seconds",
        "From the time at which a job was due to the time at which it began, by task type.",
        labels=["type"],
    )
    for task_type, some in sorted(by_type.items()):
        family.add_metric(
            [task_type],
            count_value=sum(total.waited for total in some),
            sum_value=sum(total.wait_seconds for total in some),
        )
    return family
