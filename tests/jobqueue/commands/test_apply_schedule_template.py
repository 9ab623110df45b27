"""Templates of schedules from the shell."""

import pytest
from pytest_django.fixtures import Settings

from jobqueue.models import AuditEntry, Schedule, TemplateApplication
from tests.jobqueue.factories import make_schedule
from tests.jobqueue.templates import NAME

from .conftest import Shell

COMMAND = "apply_schedule_template"


@pytest.fixture(autouse=True)
def _templates(settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCHEDULE_TEMPLATES": NAME}


def expressions() -> dict[str, str]:
    return dict(Schedule.objects.filter(is_active=True).values_list("name", "expression"))


def test_without_a_name_it_lists_them_with_purpose_and_times(shell: Shell) -> None:
    said = shell(COMMAND)

    assert said.status == 0
    assert "Very Busy (very-busy)\n  For busy days.\n  adding   */5 * * * *     Every 5 minutes\n" in said.out
    assert "in force" not in said.out
    assert "--undo" not in said.out


def test_the_list_marks_the_one_in_force_and_names_what_can_be_undone(shell: Shell) -> None:
    shell(COMMAND, "calm")

    said = shell(COMMAND)

    assert "Calm (calm): in force\n" in said.out
    assert said.out.count("in force") == 1
    assert "Calm was applied" in said.out
    known = shell(COMMAND, "--json").json
    assert [(each["slug"], each["inForce"]) for each in known["templates"]] == [("very-busy", False), ("calm", True)]
    assert known["templates"][1]["schedules"][0] == {
        "name": "adding",
        "taskType": "add_one",
        "expression": "0 * * * *",
    }
    assert known["latest"]["template"] == "Calm"


def test_a_project_without_templates_says_so(shell: Shell, settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCHEDULE_TEMPLATES": ()}

    assert shell(COMMAND).out == "There are no schedule templates: JOB_QUEUE has no SCHEDULE_TEMPLATES.\n"
    assert shell(COMMAND, "--json").json == {"templates": [], "latest": None}
    assert "expected none" in shell(COMMAND, "calm").err


@pytest.mark.parametrize("name", ["very-busy", "Very Busy", "VERY BUSY"])
def test_it_applies_and_tells_what_was_changed(name: str, shell: Shell) -> None:
    make_schedule("adding", task_type="add_one")

    said = shell(COMMAND, name)

    assert said.status == 0
    assert said.out.startswith(
        "Applied Very Busy:\nadding:\n  Every 30 minutes (*/30 * * * *, UTC) -> Every 5 minutes (*/5 * * * *, UTC)\n"
    )
    assert expressions() == {"adding": "*/5 * * * *", "resting": "2-57/5 * * * *"}
    entry = AuditEntry.objects.get(action="TEMPLATE_APPLY")
    assert entry.channel == "cli"


def test_a_dry_run_tells_the_same_and_changes_nothing(shell: Shell) -> None:
    dry = shell(COMMAND, "calm", "--dry-run", "--timezone", "Europe/Berlin")

    assert dry.out.startswith("Would apply Calm:\n")
    assert not Schedule.objects.exists()
    assert not AuditEntry.objects.exists()
    real = shell(COMMAND, "calm", "--timezone", "Europe/Berlin")
    assert real.out.partition("\n")[2] == dry.out.partition("\n")[2]
    assert set(Schedule.objects.values_list("timezone", flat=True)) == {"Europe/Berlin"}


def test_what_is_in_force_is_no_error(shell: Shell) -> None:
    shell(COMMAND, "calm")

    said = shell(COMMAND, "calm")

    assert said.status == 0
    assert said.out.startswith("Nothing to change: Calm is in force already.\n")
    assert shell(COMMAND, "calm", "--json").json["changed"] is False
    assert TemplateApplication.objects.count() == 1


def test_undo_puts_back_what_was_before(shell: Shell) -> None:
    make_schedule("adding", task_type="add_one")
    shell(COMMAND, "calm")

    dry, undone = shell(COMMAND, "--undo", "--dry-run"), shell(COMMAND, "--undo")

    assert dry.out.startswith("Would undo Calm:\nadding:\n")
    assert undone.out.startswith("Undone Calm:\nadding:\n")
    assert "resting:\n  deleted" in undone.out
    assert expressions() == {"adding": "*/30 * * * *"}
    again = shell(COMMAND, "--undo")
    assert (again.status, again.out) == (1, "")
    assert "No template was applied that could be undone." in again.err


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_undo_is_refused_with_the_differences(more: tuple[str, ...], shell: Shell) -> None:
    shell(COMMAND, "calm")
    Schedule.objects.filter(name="adding").update(expression="0 0 * * *")

    said = shell(COMMAND, "--undo", *more)

    assert said.status == 1
    assert "adding was changed since: expression is 0 0 * * *, not 0 * * * *." in said.err
    assert expressions() == {"adding": "0 0 * * *", "resting": "10 * * * *"}


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_what_cannot_be_applied_is_refused(more: tuple[str, ...], shell: Shell) -> None:
    make_schedule("adding", task_type="noop")

    said = shell(COMMAND, "calm", *more)

    assert (said.status, said.out) == (1, "")
    assert "adding enqueues noop, not add_one" in said.err
    assert expressions() == {"adding": "*/30 * * * *"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("frantic",), "There is no schedule template 'frantic': expected Very Busy, Calm."),
        (("calm", "--timezone", "Mars/Olympus"), "'Mars/Olympus' is not a time zone"),
        (("--timezone", "UTC"), "Which template?"),
        (("--dry-run",), "Which template?"),
        (("calm", "--undo"), "give no template"),
    ],
)
def test_what_was_asked_for_wrongly_ends_with_status_2(arguments: tuple[str, ...], told: str, shell: Shell) -> None:
    said = shell(COMMAND, *arguments)

    assert (said.status, said.out) == (2, "")
    assert told in said.err


def test_for_scripts_there_is_one_json_object(shell: Shell) -> None:
    told = shell(COMMAND, "very-busy", "--json").json

    assert set(told) == {"template", "dryRun", "changed", "changes"}
    adding = told["changes"][0]
    assert (adding["name"], adding["before"]) == ("adding", None)
    assert adding["after"] == {
        "kind": "cron",
        "expression": "*/5 * * * *",
        "interval": None,
        "timezone": "UTC",
        "isActive": True,
    }
    assert len(adding["nextRuns"]) == 3
    undone = shell(COMMAND, "--undo", "--json").json
    assert [(change["words"], change["after"]) for change in undone["changes"]] == [
        ("deleted", None),
        ("deleted", None),
    ]
