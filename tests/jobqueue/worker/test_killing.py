"""kill -9 of a child costs one attempt of one job; of a supervisor, at most what its children ran just then."""

import signal
from collections import Counter

import pytest

from jobqueue.api import NewJob, enqueue, enqueue_many
from jobqueue.models import Attempt, Job, Worker
from jobqueue.states import AttemptOutcome, Status

from .conftest import StartWorker
from .effects import runs, wait_for_runs
from .outcomes import all_ended, begun, ended, outcomes, wait_for_successes
from .waiting import eventually

pytestmark = pytest.mark.fault


def test_the_job_of_a_killed_child_is_retried_and_others_do_not_notice(start_worker: StartWorker) -> None:
    worker = start_worker("--concurrency", "2")
    ids = {enqueue("hang_and_say_where").id for _ in range(2)}
    places = {int(begun(id_).progress_message): id_ for id_ in ids}
    victim = worker.children()[0]
    hit = places[victim.pid]
    (spared,) = ids - {hit}
    victim.kill()
    eventually(Attempt.objects.filter(job_id=hit).exists, "its attempt is recorded")
    attempt = Attempt.objects.get(job_id=hit)
    assert (attempt.outcome, attempt.number) == (AttemptOutcome.KILLED, 1)
    assert attempt.error_message == "The process that ran this job was killed by signal 9 (SIGKILL)."
    eventually(Job.objects.filter(pk=hit, status=Status.RUNNING, claim=2).exists, "it runs again")
    job = Job.objects.get(pk=spared)
    assert (job.status, job.claim) == (Status.RUNNING, 1)


def test_jobs_that_waited_behind_it_go_back_with_all_their_attempts(start_worker: StartWorker) -> None:
    worker = start_worker("--concurrency", "1")
    all_ended(made.id for made in enqueue_many(naps(40)))
    ids = [made.id for made in enqueue_many(naps(60, 0.05))]
    eventually(lambda: Job.objects.filter(pk__in=ids, status=Status.RUNNING).count() > 5, "many are claimed ahead")
    worker.children()[0].kill()
    ended = all_ended(ids)
    assert {job.status for job in ended} == {Status.SUCCEEDED}
    assert sorted(Counter(tuple(outcomes(job)) for job in ended).values()) in ([60], [1, 59])
    assert sum(AttemptOutcome.KILLED in outcomes(job) for job in ended) <= 1


def test_children_killed_again_and_again_under_load_lose_nothing(start_worker: StartWorker, runs_table: None) -> None:
    worker = start_worker("--concurrency", "2")
    ids = [made.id for made in enqueue_many(notes(600, max_attempts=30))]
    kills = 0
    while Job.objects.filter(pk__in=ids).exclude(status=Status.SUCCEEDED).exists():
        done = Job.objects.filter(status=Status.SUCCEEDED).count()
        for child in worker.children()[:1]:
            child.kill()
            kills += 1
        wait_for_successes(min(600, done + 40))
    counted = runs()
    assert all(counted[id_] >= 1 for id_ in ids)
    assert counted.total() - len(ids) <= kills
    assert Attempt.objects.filter(outcome=AttemptOutcome.KILLED).count() <= kills
    assert_attempts_are_consistent()


def test_after_kill_9_of_the_supervisor_a_restarted_worker_finishes_everything(
    start_worker: StartWorker, runs_table: None
) -> None:
    times = 2
    ids = [made.id for made in enqueue_many(notes(700))]
    for number in range(1, times + 1):
        worker = start_worker("--concurrency", "2", LOST_AFTER_SECONDS=3_600)
        wait_for_runs(250 * number)
        worker.signal(signal.SIGKILL)
        worker.wait_until_gone()
    # On the same host nobody waits for heartbeats that do not come.
    start_worker("--concurrency", "2", LOST_AFTER_SECONDS=3_600)
    assert {job.status for job in all_ended(ids)} == {Status.SUCCEEDED}
    counted = runs()
    assert all(counted[id_] >= 1 for id_ in ids)
    # Per kill: what each of two children ran, and the outcomes of the last moments, at 5 ms a job.
    assert counted.total() - len(ids) <= times * (2 + 2 * 8)
    assert Worker.objects.filter(lost_at__isnull=False).count() == times
    assert_attempts_are_consistent()


def test_what_was_running_for_long_when_the_supervisor_was_killed_has_used_an_attempt(
    start_worker: StartWorker,
) -> None:
    worker = start_worker()
    id_ = enqueue("hang", max_attempts=1).id
    begun(id_)
    worker.signal(signal.SIGKILL)
    start_worker()
    job = ended(id_)
    assert (job.status, job.error_code, outcomes(job)) == (Status.DEAD, "WORKER_LOST", [AttemptOutcome.LOST])


def test_a_process_that_a_job_started_ends_with_the_killed_supervisor(start_worker: StartWorker) -> None:
    worker = start_worker()
    id_ = enqueue("wait_for_a_process").id
    begun(id_)
    worker.signal(signal.SIGKILL)
    worker.wait_until_gone()


def test_without_its_zygote_the_worker_ends_and_loses_nothing(start_worker: StartWorker) -> None:
    worker = start_worker()
    id_ = enqueue("hang", max_attempts=2).id
    begun(id_)
    worker.zygote().kill()
    assert worker.wait() == 1
    job = Job.objects.get(pk=id_)
    assert (job.status, outcomes(job)) == (Status.RETRYING, [AttemptOutcome.LOST])
    assert not worker.everything()


def naps(number: int, seconds: float = 0.001) -> list[NewJob]:
    return [NewJob(task_type="nap", payload={"seconds": seconds})] * number


def notes(number: int, max_attempts: int = 5) -> list[NewJob]:
    """Jobs of 5 ms that leave a trace."""
    return [NewJob(task_type="note_run", payload={"seconds": 0.005}, max_attempts=max_attempts)] * number


def assert_attempts_are_consistent() -> None:
    """Each job succeeded once, as its last attempt, and the attempts are numbered without a gap."""
    for job in Job.objects.all():
        recorded = list(Attempt.objects.filter(job_id=job.pk).order_by("claim"))
        assert [attempt.outcome for attempt in recorded].count(AttemptOutcome.SUCCEEDED) == 1
        assert recorded[-1].outcome == AttemptOutcome.SUCCEEDED
        assert [attempt.number for attempt in recorded] == list(range(1, job.attempts + 1))
        assert job.claim >= recorded[-1].claim
