"""What the lines in the crontab call: the queue's own entries, and what becomes of their errors."""

import socket
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from jobqueue.api import cancel, enqueue
from jobqueue.models import Job, Occurrence, Schedule, SchedulerBeat, Worker
from jobqueue.states import Status
from tests.jobqueue.factories import SELDOM, make_job, make_schedule, make_worker
from tests.jobqueue.worker.waiting import eventually

from .project import Project, Said, hash_of, said_by

pytestmark = pytest.mark.django_db(transaction=True)

QUIET = Said(status=0, out="", err="")
"""Cron mails anything else."""
HASHES = {job[1].rpartition(".")[2]: hash_of(job) for job in settings.CRONJOBS}


def make_due_schedule(**fields: Any) -> Schedule:
    schedule = make_schedule(expression=SELDOM, **fields)
    Schedule.objects.filter(pk=schedule.pk).update(next_run_at=timezone.now() - timedelta(seconds=1))
    return schedule


def test_a_tick_fires_what_is_due_and_runs_no_job(project: Project) -> None:
    schedule = make_due_schedule()

    assert project.crontab("run", HASHES["tick"]) == QUIET

    assert Occurrence.objects.get().schedule == schedule
    assert Job.objects.get().status == Status.PENDING
    assert SchedulerBeat.objects.get().source == "crontab"
    assert not Worker.objects.exists()


def test_a_tick_keeps_house(project: Project) -> None:
    late = make_job(deadline=timezone.now() - timedelta(seconds=1))

    assert project.crontab("run", HASHES["tick"]) == QUIET

    late.refresh_from_db()
    assert late.status == Status.CANCELLED


def test_a_tick_rescues_the_jobs_of_a_lost_host(project: Project) -> None:
    lost = make_worker(host="elsewhere", beat_at=timezone.now() - timedelta(minutes=5))
    job = make_job(Status.RUNNING, worker=lost, max_attempts=3)

    said = project.crontab("run", HASHES["tick"])

    assert (said.status, said.out) == (0, "")
    assert "is lost; rescued 1 jobs." in said.err
    job.refresh_from_db()
    assert job.status == Status.RETRYING


def test_a_cycle_fires_what_is_due_and_runs_the_jobs(project: Project) -> None:
    make_due_schedule()
    enqueue("add_one", {"number": 1})
    enqueue("noop", delay=timedelta(hours=1))

    assert project.crontab("run", HASHES["cycle"]) == QUIET

    assert sorted(Job.objects.values_list("status", flat=True)) == ["pending", "succeeded", "succeeded"]
    assert Worker.objects.get().stopped_at is not None


def test_a_cycle_takes_the_options_of_a_worker(project: Project) -> None:
    job: tuple[Any, ...] = (
        "* * * * *",
        "jobqueue.crontab.cycle",
        [],
        {"concurrency": 1, "queues": ["mail"], "limit": 1},
    )
    project.set(CRONJOBS=[job])
    for queue in ("default", "mail", "mail"):
        enqueue("noop", queue=queue)

    assert project.crontab("run", hash_of(job)) == QUIET

    assert list(Job.objects.filter(status=Status.SUCCEEDED).values_list("queue", flat=True)) == ["mail"]
    assert Worker.objects.get().concurrency == 1


def test_a_cycle_is_quiet_about_jobs_that_log_and_fail(project: Project) -> None:
    enqueue("choosy", {"text": "hopeless"})
    enqueue("add_one", {"number": 1})

    assert project.crontab("run", HASHES["cycle"]) == QUIET


def test_a_cycle_that_goes_on_takes_what_the_next_one_would_have_run(project: Project) -> None:
    long = enqueue("nap", {"seconds": 300}).id
    first = project.start("run", HASHES["cycle"])
    eventually(lambda: Job.objects.filter(status=Status.RUNNING).exists(), "the long job runs")

    short = enqueue("noop").id
    assert project.crontab("run", HASHES["cycle"]) == QUIET
    eventually(lambda: Job.objects.filter(pk=short, status=Status.SUCCEEDED).exists(), "the short job is run")
    assert Worker.objects.count() == 1

    cancel([long], reason="enough")
    assert said_by(first) == QUIET


def test_two_cycles_side_by_side_share_the_work(project: Project) -> None:
    project.set(CRONTAB_LOCK_JOBS=False)
    for _ in range(40):
        enqueue("nap", {"seconds": 0.05})

    cycles = [project.start("run", HASHES["cycle"]) for _ in range(2)]

    assert [said_by(cycle) for cycle in cycles] == [QUIET, QUIET]
    assert set(Job.objects.values_list("status", "attempts")) == {(Status.SUCCEEDED, 1)}
    assert Worker.objects.filter(lost_at=None).count() == 2


def test_cleaning_up_is_a_job_of_which_one_waits(project: Project) -> None:
    assert project.crontab("run", HASHES["cleanup"]) == QUIET
    assert project.crontab("run", HASHES["cleanup"]) == QUIET

    job = Job.objects.get()
    assert (job.task_type, job.status) == ("job_queue_cleanup", Status.PENDING)
    project.crontab("run", HASHES["cycle"])
    job.refresh_from_db()
    assert job.status == Status.SUCCEEDED


@pytest.mark.parametrize("is_locked", [False, True])
def test_an_entry_that_fails_says_why_and_by_its_exit_status(project: Project, is_locked: bool) -> None:
    job = ("* * * * *", "tests.jobqueue.crontab.entries.fail", ["no space"])
    project.set(CRONJOBS=[job], CRONTAB_LOCK_JOBS=is_locked)

    said = project.crontab("run", hash_of(job))

    assert (said.status, said.out) == (1, "")
    assert said.err.startswith("Traceback")
    assert said.err.endswith("OSError: no space\n")


def test_an_error_that_a_user_can_mend_is_a_sentence(project: Project) -> None:
    job = ("* * * * *", "tests.jobqueue.crontab.entries.misuse")
    project.set(CRONJOBS=[job])

    said = project.crontab("run", hash_of(job))

    assert (said.status, said.out, said.err) == (2, "", "CommandError: There is no coach 12.\n")


@pytest.mark.parametrize(
    ("job", "greeting"),
    [
        (("@daily", "tests.jobqueue.crontab.entries.greet"), "Hello nobody!"),
        (("@daily", "tests.jobqueue.crontab.entries.greet", "2>&1"), "Hello nobody!"),
        (("@daily", "tests.jobqueue.crontab.entries.greet", ["Alice"], {"times": 2}), "Hello Alice! Hello Alice!"),
    ],
)
def test_entries_of_the_project_get_their_arguments(project: Project, job: tuple[Any, ...], greeting: str) -> None:
    project.set(CRONJOBS=[job])

    said = project.crontab("run", hash_of(job))

    assert (said.status, said.out.strip(), said.err) == (0, greeting, "")


def test_a_line_that_is_out_of_date_says_so(project: Project) -> None:
    said = project.crontab("run", "0123456789")

    assert (said.status, said.out) == (1, "")
    assert "No job with hash 0123456789 found" in said.err
    assert "crontab add" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("name", ["tick", "cycle", "cleanup"])
def test_without_the_database_an_entry_says_so(project: Project, name: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound but not listening: nobody answers
        url = f"postgres://nobody@127.0.0.1:{unused.getsockname()[1]}/nowhere"

        said = project.crontab("run", HASHES[name], DATABASE_URL=url)

    assert (said.status, said.out) == (1, "")
    assert said.err.startswith("CommandError: The database does not answer: ")
