"""run_schedule, delete_schedule, and the scheduler's one turn from the shell."""

import socket
from datetime import timedelta

import pytest
from django.utils import timezone

from jobqueue.models import Alert, AuditEntry, Job, Occurrence, Schedule, SchedulerBeat
from jobqueue.models.occurrence import Skipped, Trigger
from jobqueue.models.schedule import ScheduleKind
from tests.jobqueue.factories import SELDOM, make_schedule

from .conftest import Shell, ended, start


def test_a_schedule_runs_now_by_its_name_or_id(shell: Shell) -> None:
    schedule = make_schedule("nightly totals")
    before = schedule.next_run_at

    first = shell("run_schedule", "nightly totals")
    second = shell("run_schedule", str(schedule.pk), "--json").json

    newest, oldest = Job.objects.order_by("-pk")
    assert first.out == f"Enqueued {oldest.pk}\n"
    assert second == {"id": str(newest.pk), "created": True, "status": None}
    assert Schedule.objects.get().next_run_at == before
    assert set(Occurrence.objects.values_list("trigger", flat=True)) == {Trigger.MANUAL}
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"SCHEDULE_RUN"}


def test_a_run_that_joins_the_unfinished_job_says_so(shell: Shell) -> None:
    make_schedule("sync", task_type="game_platform_sync")
    shell("run_schedule", "sync")

    second = shell("run_schedule", "sync")

    job = Job.objects.get()
    assert second.status == 0
    assert second.out == f"Its job is unfinished, and the only one that there may be: {job.pk}\n"
    assert Occurrence.objects.filter(skipped=Skipped.JOINED, job=job.pk).count() == 1


def test_an_unknown_schedule_is_answered_with_the_known_ones(shell: Shell) -> None:
    make_schedule("nightly")

    said = shell("run_schedule", "daily")

    assert said.status == 1
    assert "No schedule is called 'daily'. There are: nightly." in said.err


def test_a_schedule_whose_task_type_is_gone_is_refused(shell: Shell) -> None:
    make_schedule("nightly", task_type="gone")

    said = shell("run_schedule", "nightly")

    assert said.status == 2
    assert "Unknown task type 'gone'" in said.err
    assert AuditEntry.objects.get().is_refused


def test_a_schedule_is_deleted_with_its_history_and_without_its_jobs(shell: Shell) -> None:
    make_schedule("nightly")
    for _ in range(3):
        shell("run_schedule", "nightly")

    said = shell("delete_schedule", "nightly", "--yes", "--reason", "replaced")

    assert said.out == "Deleted nightly with 3 occurrences of history; its jobs stay.\n"
    assert not Schedule.objects.exists()
    assert not Occurrence.objects.exists()
    assert Job.objects.filter(schedule=None).count() == 3
    entry = AuditEntry.objects.get(action="SCHEDULE_DELETE")
    assert (entry.object_label, entry.reason, entry.is_refused) == ("nightly", "replaced", False)


def test_the_upcoming_job_of_an_interval_goes_with_it(shell: Shell) -> None:
    make_schedule(
        "often", kind=ScheduleKind.INTERVAL, expression="", interval=timedelta(hours=1),
        starts_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    Schedule.objects.update(next_run_at=timezone.now())
    shell("run_scheduler", "--once")
    assert Job.objects.count() == 1

    answer = shell("delete_schedule", "often", "--yes", "--json").json

    assert answer == {"deleted": "often", "occurrences": 1}
    assert not Job.objects.exists()


def test_nothing_is_deleted_where_nobody_can_be_asked(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    make_schedule("nightly")
    shell("run_schedule", "nightly")

    said = shell("delete_schedule", "nightly")

    assert said.status == 2
    assert said.err == (
        "CommandError: This would delete nightly with 1 occurrence of history, and nobody is here to ask: add --yes.\n"
    )
    assert Schedule.objects.exists()


@pytest.mark.parametrize(("answer", "is_left"), [("n", True), ("", True), ("y", False)])
def test_whoever_sits_there_is_asked(answer: str, is_left: bool, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    make_schedule("nightly")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    asked: list[str] = []

    def reply(question: str) -> str:
        asked.append(question)
        return answer

    monkeypatch.setattr("builtins.input", reply)

    said = shell("delete_schedule", "nightly")

    assert asked == ["Delete nightly with 0 occurrences of history? [y/N] "]
    assert Schedule.objects.exists() == is_left
    assert said.status == int(is_left)


def test_one_turn_of_the_scheduler_fires_what_is_due_and_beats(shell: Shell) -> None:
    make_schedule("due", expression=SELDOM)
    make_schedule("later", expression=SELDOM)
    Schedule.objects.filter(name="due").update(next_run_at=timezone.now() - timedelta(seconds=9))

    said = shell("run_scheduler", "--once")

    assert said.out == "1 job enqueued.\n"
    beat = SchedulerBeat.objects.get()
    assert beat.source == "scheduler"
    assert beat.holder.startswith(f"{socket.gethostname()}:")
    assert "No scheduler has run" not in shell("job_health").out


def test_one_turn_of_the_scheduler_raises_the_alerts_of_what_it_cannot_fire(shell: Shell) -> None:
    make_schedule("old", task_type="gone")
    Schedule.objects.update(next_run_at=timezone.now() - timedelta(hours=1))

    shell("run_scheduler", "--once")

    assert "knows its task type gone" in Alert.objects.get().message
    said = shell("job_health")
    assert said.status > 0
    assert "ALERT since" in said.out
    assert "No running scheduler knows its task type gone" in " ".join(said.out.split())


def test_the_scheduler_without_a_database_ends_by_a_sentence(transactional_db: None) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"postgres://nobody@127.0.0.1:{unused.getsockname()[1]}/nowhere"
        said = ended(start("run_scheduler", "--once", DATABASE_URL=url))

    assert said.status == 1
    assert said.err.startswith("CommandError: The database does not answer: ")
