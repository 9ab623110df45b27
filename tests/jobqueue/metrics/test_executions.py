"""Counters and histograms of what real workers did."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from jobqueue.metrics import exposition
from tests.jobqueue.worker.conftest import StartWorker, database, start_worker  # noqa: F401  fixtures
from tests.jobqueue.worker.outcomes import run

type Samples = dict[tuple[str, str, str], float]


def scraped() -> Samples:
    """By name, task type and outcome or bound."""
    exposition.forget()
    return {
        (
            sample.name,
            sample.labels.get("type", ""),
            sample.labels.get("outcome", sample.labels.get("le", "")),
        ): sample.value
        for family in text_string_to_metric_families(exposition.exposition().decode())
        for sample in family.samples
    }


@pytest.mark.django_db(transaction=True)
def test_what_a_worker_did_is_counted_timed_and_never_forgotten(start_worker: StartWorker) -> None:  # noqa: F811
    before = scraped()
    start_worker()
    for _ in range(3):
        run("add_one", {"number": 1})
    run("refuse")
    run("fail_until", {"number": 2})

    after = scraped()

    def grown(name: str, task_type: str, label: str = "") -> float:
        key = name, task_type, label
        return after.get(key, 0) - before.get(key, 0)

    assert grown("jobqueue_attempts_total", "add_one", "succeeded") == 3
    assert grown("jobqueue_attempts_total", "refuse", "error") == 1
    assert grown("jobqueue_attempts_total", "fail_until", "error") == 1
    assert grown("jobqueue_attempts_total", "fail_until", "succeeded") == 1
    assert grown("jobqueue_attempt_duration_seconds_count", "add_one") == 3
    assert grown("jobqueue_attempt_duration_seconds_bucket", "add_one", "+Inf") == 3
    assert grown("jobqueue_attempt_duration_seconds_sum", "add_one") > 0
    assert grown("jobqueue_claim_latency_seconds_count", "add_one") == 3
    assert grown("jobqueue_claim_latency_seconds_sum", "add_one") > 0
