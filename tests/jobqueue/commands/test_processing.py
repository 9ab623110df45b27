"""pause_processing and resume_processing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobqueue.models import AuditEntry, Pause
from jobqueue.models.pause import PauseScope
from jobqueue.pauses import pause
from tests.jobqueue.factories import make_job, make_jobs

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
