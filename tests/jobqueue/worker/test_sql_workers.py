"""Workers that live in SQL sessions, beside one that is a process."""

from collections.abc import Iterator

import pytest

from jobqueue.models import Attempt, Job, KnownTaskType
from jobqueue.registry import registry
from tests.jobqueue.sql.doors import call, forget_what_was_recorded

from .conftest import StartWorker
from .waiting import eventually


@pytest.fixture(autouse=True)
def _leave_nothing(database: None) -> Iterator[None]:
    yield
    forget_what_was_recorded()


def test_a_sql_worker_that_falls_silent_is_rescued_by_another(start_worker: StartWorker) -> None:
    id_ = call("job_queue_enqueue('noop')")
    assert call("id FROM job_queue_claim(1, 'silent')") == id_

    start_worker()

    eventually(lambda: Job.objects.get(pk=id_).is_finished, "the job ends")
    outcomes = Attempt.objects.filter(job_id=id_).order_by("claim").values_list("outcome", flat=True)
    assert list(outcomes) == ["lost", "succeeded"]


def test_a_worker_that_starts_tells_the_database_its_task_types(start_worker: StartWorker) -> None:
    KnownTaskType.objects.all().delete()

    start_worker()

    # The @task functions among them are known to a process only once it has met them.
    handlers = {name for name in registry.names() if "." not in name}
    assert handlers <= set(KnownTaskType.objects.values_list("name", flat=True))
