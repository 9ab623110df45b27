"""`run_handler`: a handler alone, without a job."""

import pytest

from jobqueue.exceptions import InvalidPayloadError, JobCancelled, PermanentError, UnknownTaskTypeError
from jobqueue.models import Job
from jobqueue.registry import JobContext
from jobqueue.testing import StandaloneJob, assert_enqueued, run_handler
from tests.jobqueue.sample.jobs import Number, add_one, refuse


def test_its_result_comes_back() -> None:
    assert run_handler(add_one, {"number": 1}) == {"number": 2}
    assert run_handler("add_one", Number(number=2)) == {"number": 3}


def test_its_error_comes_through() -> None:
    with pytest.raises(PermanentError, match="no such thing"):
        run_handler(refuse)


def test_its_payload_is_checked() -> None:
    with pytest.raises(InvalidPayloadError):
        run_handler(add_one, {"number": "one"})


def test_a_function_that_is_no_handler_is_said() -> None:
    with pytest.raises(UnknownTaskTypeError, match="test_a_function_that_is_no_handler_is_said"):
        run_handler(test_a_function_that_is_no_handler_is_said)


def test_a_result_that_cannot_be_stored_is_refused() -> None:
    with pytest.raises(TypeError):
        run_handler("bad_result", {"kind": "object"})


def test_it_sees_the_job_that_it_is_given_and_says_to_it() -> None:
    job = StandaloneJob(checkpointed={"next": 2}, attempt=2)

    assert run_handler("steps", {"number": 4}, job=job) == {"began_at": 2, "attempt": 2}
    assert [done for done, _, _ in job.progress_said] == [2, 3]
    assert job.checkpoints == [{"next": 3}, {"next": 4}]


def test_a_handler_may_be_called_directly_too() -> None:
    job: JobContext = StandaloneJob()

    assert add_one(job, Number(number=1)) == {"number": 2}


def test_it_may_be_cancelled() -> None:
    with pytest.raises(JobCancelled):
        StandaloneJob(is_cancelled=True).check_cancelled()
    StandaloneJob().check_cancelled()


@pytest.mark.django_db
def test_its_children_are_enqueued_and_no_job_of_its_own() -> None:
    job = StandaloneJob()

    run_handler("spawn_child_job", {"number": 6}, job=job)

    assert_enqueued("add_one", {"number": 6}, parent_id=job.id)
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_its_effects_are_kept_in_the_ledger() -> None:
    job = StandaloneJob(task_type="noop")
    firsts = []
    for _ in range(2):
        with job.effect("once") as is_first:
            firsts.append(is_first)

    assert firsts == [True, False]
