"""pause_processing and resume_processing, run_schedule and list_schedules."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobqueue.models import AuditEntry, Job, Pause, Schedule
from jobqueue.models.pause import PauseScope
from jobqueue.pauses import pause
from tests.jobqueue.factories import make_job, make_jobs, make_schedule

from .conftest import Shell


def test_everything_is_paused_until_somebody_resumes_it(shell: Shell) -> None:
    said = shell("pause_processing", "--reason", " provider down ")

    row = Pause.objects.get()
    assert said.out == "Paused: everything, until somebody resumes it.\n"
    assert (row.scope, row.name, row.reason, row.ends_at) == (PauseScope.EVERYTHING, "", "provider down", None)
    assert AuditEntry.objects.get().action == "PROCESSING_PAUSE"


@pytest.mark.parametrize(
    ("option", "name", "scope"),
    [("--queue", "emails", PauseScope.QUEUE), ("--type", "noop", PauseScope.TASK_TYPE)],
)
@pytest.mark.parametrize("end", [("--for", "2h"), ("--until", "2099-12-24T18:00+01:00")])
def test_a_part_is_paused_for_a_while(
    option: str, name: str, scope: PauseScope, end: tuple[str, str], shell: Shell
) -> None:
    answer = shell("pause_processing", "--reason", "why", option, name, *end, "--json").json

    row = Pause.objects.get()
    assert (row.scope, row.name) == (scope, name)
    assert row.ends_at is not None
    assert row.ends_at > timezone.now() + timedelta(minutes=119)
    assert (answer["scope"], answer["name"], answer["reason"]) == (scope.value, name, "why")
    assert answer["endsAt"] == row.ends_at.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "--reason"),
        (["--reason", " "], "Give a reason"),
        (["--reason", "x", "--queue", "a", "--type", "b"], "not allowed with"),
        (["--reason", "x", "--queue", " "], "needs a name"),
        (["--reason", "x", "--queue", "q" * 101], "too long"),
        (["--reason", "x", "--type", "nope"], "Unknown task type 'nope'"),
        (["--reason", "x", "--for", "0s"], "which is past"),
        (["--reason", "x", "--until", "2020-01-01T00:00Z"], "which is past"),
        (["--reason", "x", "--for", "999999999d"], "too long"),
        (["--reason", "x", "--until", "soon"], "ISO 8601"),
    ],
)
def test_a_pause_that_makes_no_sense_is_refused(arguments: list[str], sentence: str, shell: Shell) -> None:
    said = shell("pause_processing", *arguments)

    assert said.status == 2
    assert sentence in said.err
    assert not Pause.objects.exists()


def test_a_task_type_that_nobody_knows_any_more_is_paused_while_its_jobs_wait(shell: Shell) -> None:
    make_job(task_type="of_an_older_version")

    assert shell("pause_processing", "--reason", "x", "--type", "of_an_older_version").status == 0


def test_resuming_tells_how_much_piled_up_and_what_is_paused_still(shell: Shell) -> None:
    pause(reason="a")
    pause(reason="b", scope=PauseScope.QUEUE, name="emails")
    make_jobs(3)

    said = shell("resume_processing")

    assert said.out == "Resumed: everything. Due and waiting: 3.\nStill paused: queue emails.\n"
    assert shell("resume_processing").out == "It was not paused: everything.\nStill paused: queue emails.\n"


def test_all_pauses_are_ended_at_once(shell: Shell) -> None:
    pause(reason="a")
    pause(reason="b", scope=PauseScope.TASK_TYPE, name="noop")

    answer = shell("resume_processing", "--all", "--json").json

    assert sorted(answer["resumed"]) == ["everything", "task type noop"]
    assert (answer["stillPaused"], answer["waiting"]) == ([], 0)
    assert not Pause.objects.exists()
    assert shell("resume_processing", "--all").out == "Nothing was paused.\n"


def test_resuming_all_and_one_is_wrong_use(shell: Shell) -> None:
    assert shell("resume_processing", "--all", "--queue", "emails").status == 2


def test_a_schedule_runs_now_by_its_name_or_id(shell: Shell) -> None:
    schedule = make_schedule("nightly totals")
    before = schedule.next_run_at

    first = shell("run_schedule", "nightly totals")
    second = shell("run_schedule", str(schedule.pk), "--json").json

    newest, oldest = Job.objects.order_by("-pk")
    assert first.out == f"Enqueued {oldest.pk}\n"
    assert second == {"id": str(newest.pk), "created": True, "status": None}
    assert Schedule.objects.get().next_run_at == before
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"SCHEDULE_RUN"}


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


def test_schedules_are_listed_with_their_next_and_latest_run(shell: Shell) -> None:
    make_schedule("nightly", timezone="Europe/Berlin")
    make_schedule("switched off", is_active=False, task_type="nap")
    shell("run_schedule", "nightly")

    out = shell("list_schedules").out
    answer = shell("list_schedules", "--json").json

    heading, nightly, off = out.splitlines()
    assert heading.split()[:2] == ["name", "times"]
    assert "Europe/Berlin" in nightly
    assert nightly.endswith("Pending")
    assert "off" in off
    first, second = answer["schedules"]
    assert (first["name"], first["isActive"], first["latestRun"]["status"]) == ("nightly", True, "pending")
    assert first["latestRun"]["trigger"] == "manual"
    assert (second["name"], second["nextRunAt"], second["latestRun"]) == ("switched off", None, None)
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize(
    ("arguments", "names"),
    [(["--active"], ["nightly"]), (["--inactive"], ["switched off"]), (["--type", "nap"], ["switched off"])],
)
def test_schedules_are_listed_by_what_they_are(arguments: list[str], names: list[str], shell: Shell) -> None:
    make_schedule("nightly")
    make_schedule("switched off", is_active=False, task_type="nap")

    answer = shell("list_schedules", "--json", *arguments).json

    assert [schedule["name"] for schedule in answer["schedules"]] == names
