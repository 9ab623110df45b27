"""What holds for each command of the queue: its help, and no traceback for what a user can mend."""

import shlex
import socket
from pathlib import Path

import pytest
from django.core.management import CommandError, load_command_class
from django.db import ProgrammingError
from psycopg.errors import UndefinedTable

import jobqueue.management.commands
from jobqueue.management.command import JobQueueCommand

from .conftest import Shell, ended, start

COMMANDS = sorted(path.stem for path in Path(jobqueue.management.commands.__path__[0]).glob("[a-z]*.py"))
SERVICES = {"run_worker", "run_scheduler"}
"""Those that go on until they are stopped, whatever the database does."""
NONSENSE = ["--no-such-option", "\x1b[31m", "--limit=-1", "'; DROP TABLE jobqueue_job; --", "9" * 400]
NEEDED = {
    "enqueue_job": ["noop"],
    "run_schedule": ["nightly"],
    "show_schedule": ["nightly"],
    "save_schedule": ["nightly", "--type", "noop", "--every", "1h"],
    "delete_schedule": ["nightly", "--yes"],
    "pause_processing": ["--reason", "why"],
    "show_job": ["--status", "failed"],
    "retry_job": ["--status", "failed"],
    "cancel_job": ["--status", "pending"],
    "delete_job": ["--status", "dead", "--yes"],
    "forget_effect": ["noop", "mail:1"],
    "create_api_token": ["--user", "nobody", "--name", "scripts"],
    "revoke_api_token": ["jq_nothing"],
}
LISTINGS = {
    "list_jobs": {"jobs", "next"},
    "list_schedules": {"schedules", "next"},
    "list_failures": {"failures"},
    "list_effects": {"effects"},
    "job_health": {"status", "checks"},
    "cleanup_jobs": {"dryRun", "deleted"},
    "rescue_jobs": {"dryRun", "workers"},
    "resume_processing": {"resumed", "stillPaused", "waiting"},
}


def test_the_commands_are_found() -> None:
    assert {"enqueue_job", "retry_job", "job_health", "run_worker", "rescue_jobs"} <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_has_help_that_ends_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = load_command_class("jobqueue", name).create_parser("manage.py", name)

    help_ = parser.format_help()

    assert parser.description
    assert f"manage.py {name}" in help_.partition("usage:")[2].rpartition("example")[2]
    for action in parser._actions:
        assert action.help, f"{action.option_strings} says nothing"
        takes_a_value = action.option_strings and action.nargs is None and action.dest != "verbosity"
        assert not takes_a_value or action.metavar or action.choices or action.dest in ("settings", "pythonpath")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_example_is_accepted(name: str) -> None:
    command = load_command_class("jobqueue", name)
    examples = command.examples  # type: ignore[attr-defined]  # all of ours have some
    assert 1 <= len(examples) <= 2
    for example in examples:
        command.create_parser("manage.py", name).parse_args(shlex.split(example))


@pytest.mark.parametrize("nonsense", NONSENSE, ids=["option", "escape", "number", "SQL", "long"])
@pytest.mark.parametrize("name", sorted({*COMMANDS} - SERVICES))
def test_nonsense_is_answered_by_a_sentence(name: str, nonsense: str, shell: Shell) -> None:
    said = shell(name, nonsense)

    assert said.status in (1, 2)
    assert said.err.strip()
    assert "Traceback" not in said.err
    assert said.out == ""


@pytest.mark.parametrize("name", sorted(name for name in COMMANDS if name not in SERVICES))
def test_a_value_with_nul_is_answered_by_a_sentence(name: str, shell: Shell) -> None:
    options = [option for option in _text_options(name) if option not in ("--payload", "--settings", "--pythonpath")]
    for option in options:
        said = shell(name, *NEEDED.get(name, []), option, "a\0b")
        assert said.status in (0, 1, 2)
        assert "Traceback" not in said.err


def _text_options(name: str) -> list[str]:
    parser = load_command_class("jobqueue", name).create_parser("manage.py", name)
    return [
        action.option_strings[-1]
        for action in parser._actions
        if action.option_strings and action.nargs is None and action.type is None and not action.choices
    ]


def test_bytes_that_are_no_text_are_answered_by_a_sentence(transactional_db: None) -> None:
    said = ended(start("list_failures", "--type", "\udcff"))  # the byte 255, as Python reads it

    assert said.status == 2
    assert said.err.startswith("CommandError: The database refuses a value")


def test_no_command_prints_a_traceback_without_its_database() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound but not listening: nobody answers
        url = f"postgres://nobody@127.0.0.1:{unused.getsockname()[1]}/nowhere"
        names = sorted(set(COMMANDS) - SERVICES - {"crontab"})  # only what it runs needs one
        # Two at a time.
        for pair in zip(names[::2], [*names[1::2], None], strict=False):
            started = [(name, start(name, *NEEDED.get(name, []), DATABASE_URL=url)) for name in pair if name]
            for name, process in started:
                said = ended(process)
                assert "Traceback" not in said.err, name
                if name == "job_health":
                    assert said.status == 2
                    assert "The database does not answer" in said.out
                else:
                    assert said.status == 1, name
                    assert said.err.startswith("CommandError: The database does not answer: "), name


@pytest.mark.parametrize(("name", "keys"), LISTINGS.items())
def test_what_is_for_scripts_is_one_json_object_without_colour(name: str, keys: set[str], shell: Shell) -> None:
    said = shell(name, "--json", "--force-color")

    assert set(said.json) == keys
    assert "\x1b" not in said.out


def test_tables_that_are_missing_are_a_hint_to_migrate() -> None:
    class Unmigrated(JobQueueCommand):
        def handle(self, *args: object, **options: object) -> None:
            raise ProgrammingError('relation "jobqueue_job" does not exist') from UndefinedTable()

    with pytest.raises(CommandError, match=r"run manage\.py migrate"):
        Unmigrated().execute(force_color=False, no_color=False, skip_checks=True)


def test_a_reader_who_has_enough_ends_a_command_quietly(transactional_db: None) -> None:
    with start("list_jobs") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()  # long before it says anything
        err = process.stderr.read()

    assert err == ""
    assert process.returncode == 0
