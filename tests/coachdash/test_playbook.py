"""The playbook says nothing that is not so: its links, commands, settings and error codes are the code's own."""

import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

from gameplatform import exceptions
from gameplatform.conf import Conf as GamePlatformConf
from jobqueue.conf import Conf as JobQueueConf
from jobqueue.playbook.document import link_problems, render

from . import factories
from .conftest import LogIn

FILE = Path(settings.BASE_DIR) / "docs" / "playbook.md"
TEXT = FILE.read_text(encoding="utf-8")
_COMMANDS = re.findall(r"`manage\.py ([^`]+)`", TEXT.replace("\n", " "))
_PLATFORM_CODES = {
    kind.error_code
    for kind in vars(exceptions).values()
    if isinstance(kind, type) and issubclass(kind, exceptions.GamePlatformError)
}
# What the queue itself ends jobs with.
_QUEUE_CODES = {
    "CANCELLED", "EXPIRED", "KILLED", "POSTPONED_TOO_OFTEN", "RESULT_INVALID", "TIMEOUT", "UNKNOWN_TASK_TYPE",
    "VALIDATION_ERROR", "WORKER_LOST",
}  # fmt: skip


def test_the_projects_setting_names_it() -> None:
    assert Path(settings.JOB_QUEUE["PLAYBOOK"]) == FILE


def test_every_link_leads_somewhere() -> None:
    assert link_problems(TEXT) == []


def test_an_administrator_reads_it_in_the_admin(db: None, log_in: LogIn) -> None:
    page = log_in(factories.member("root", "Admin")).get("/admin/jobqueue/job/playbook/").content.decode()

    assert "Why is data not arriving?" in page


@pytest.mark.parametrize("line", sorted(set(_COMMANDS)))
def test_every_command_is_one_with_such_options(line: str) -> None:
    name, *arguments = shlex.split(line)
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)

    known = {option for action in parser._actions for option in action.option_strings}
    assert {argument for argument in arguments if argument.startswith("-")} <= known


@pytest.mark.parametrize("code", sorted(_PLATFORM_CODES | _QUEUE_CODES))
def test_every_code_has_a_section(code: str) -> None:
    found = render(TEXT)

    assert found.sections.get(code), f"The playbook explains {code} nowhere."


def test_a_code_that_nobody_foresaw_leads_to_a_section_too() -> None:
    assert render(TEXT).section_of("ZeroDivisionError") == "any-other-code"


def test_every_setting_is_one() -> None:
    queue = set(re.findall(r'JOB_QUEUE\["(\w+)"\]', TEXT))
    platform = set(re.findall(r'GAME_PLATFORM\["(\w+)"\]', TEXT))

    assert queue <= set(JobQueueConf.__dataclass_fields__)
    assert platform <= set(GamePlatformConf.__dataclass_fields__)


def test_every_variable_of_the_environment_is_one() -> None:
    named = set(re.findall(r"`((?:GAME_PLATFORM|JOB_QUEUE)_[A-Z_]+)`", TEXT)) - _PLATFORM_CODES
    listed = (Path(settings.BASE_DIR) / ".env.example").read_text(encoding="utf-8")

    assert named
    assert [name for name in sorted(named) if f"#{name}=" not in listed] == []


def test_every_schedule_that_it_names_is_seeded() -> None:
    seeds = import_module("coachdash.migrations.0003_seeded_schedules")
    named = set(re.findall(r"`(game_platform_\w+_(?:incremental|hourly)|job_queue_\w+_daily)`", TEXT))

    assert named == {name for name, *_ in seeds.ACTIVE}
