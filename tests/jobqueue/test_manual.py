"""docs/jobqueue.md: what it shows is run, what it names exists."""

import re
import shlex
import sys
import unittest
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from pathlib import Path
from types import ModuleType

import pytest
from django.core.management import get_commands, load_command_class
from django.utils import timezone
from pytest_django import Settings

from jobqueue.conf import conf, problems_of
from jobqueue.dashboard_parts import problems_of_dashboard
from jobqueue.models import Job
from jobqueue.quick_actions import problems_of_quick_actions
from jobqueue.registry import registry
from jobqueue.states import Status
from jobqueue.testing import run_due_jobs

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = (DOCS / "jobqueue.md").read_text()
TINY = Path(__file__).resolve().parents[1] / "tiny_project" / "tiny"
# Part of an installed app: tasks of no other module are found.
MODULE = "tests.jobqueue.sample.manual"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


@pytest.fixture
def manual() -> Iterator[ModuleType]:
    """The module that the manual's Python makes, run from its beginning to its end."""
    known = set(registry.names())
    module = sys.modules[MODULE] = ModuleType(MODULE)
    try:
        for number, block in enumerate(blocks("python"), 1):
            exec(compile(block, f"block {number} of docs/jobqueue.md", "exec"), module.__dict__)  # noqa: S102
        yield module
    finally:
        del sys.modules[MODULE]
        for name in set(registry.names()) - known:
            registry.remove(name)


@pytest.mark.django_db
def test_its_examples_run_and_so_does_what_they_enqueue(manual: ModuleType) -> None:
    assert Job.objects.count() > 100

    # The latest is one that waits for 2030.
    summary = run_due_jobs(until=timezone.now() + timedelta(days=10_000), raise_errors=True)

    assert summary.ran == summary.succeeded > 100
    assert set(Job.objects.values_list("status", flat=True)) == {Status.SUCCEEDED}


@pytest.mark.django_db
def test_its_examples_of_tests_pass(manual: ModuleType) -> None:
    tests = [value for name, value in vars(manual).items() if name.startswith("test_")]
    assert len(tests) > 2
    for test in tests:
        Job.objects.all().delete()
        test()
    for case in [value for value in vars(manual).values() if isinstance(value, type)]:
        if issubclass(case, unittest.TestCase) and case.__module__ == MODULE:
            Job.objects.all().delete()
            result = unittest.TestResult()
            unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
            assert result.testsRun
            assert not result.failures + result.errors


@pytest.mark.django_db
def test_its_settings_are_right(manual: ModuleType, settings: Settings) -> None:
    settings.JOB_QUEUE = manual.JOB_QUEUE

    problems = [*problems_of(conf()), *problems_of_quick_actions(), *problems_of_dashboard()]
    assert problems == []


@pytest.mark.parametrize(("language", "file"), [("py", "urls.py"), ("html", "templates/admin/index.html")])
def test_what_it_shows_of_other_files_is_what_the_tiny_project_has(language: str, file: str) -> None:
    [block] = blocks(language)
    assert block in (TINY / file).read_text()


def test_its_commands_are_understood() -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    assert len(lines) > 4
    for line in lines:
        _, _, name, *arguments = shlex.split(line)
        load_command_class(get_commands()[name], name).create_parser("manage.py", name).parse_args(arguments)


def test_the_commands_of_the_examples_of_deployment_are_understood() -> None:
    found = {path.name: commands_of(path) for path in sorted((DOCS / "examples").iterdir())}

    assert {name: [call[0] for call in calls] for name, calls in found.items()} == {
        "coachdash-web.service": [],
        "compose.yaml": ["migrate", "run_worker"],
        "crontab": ["run_scheduler", "run_worker", "job_health"],
        "jobqueue-worker.service": ["run_worker"],
        "kubernetes.yaml": ["migrate", "run_worker"],
    }
    for name, *arguments in chain.from_iterable(found.values()):
        load_command_class(get_commands()[name], name).create_parser("manage.py", name).parse_args(arguments)


def commands_of(example: Path) -> list[list[str]]:
    """Each call of manage.py, as words; YAML writes them as a list."""
    text = example.read_text().replace('"', "").replace(", ", " ")
    return [call.split() for call in re.findall(r"manage\.py ((?:[\w-]+ ?)+)", text)]


def test_it_names_every_command_of_the_queue() -> None:
    known = {name for name, app in get_commands().items() if app == "jobqueue"}

    assert {name for name in known if f"`{name}" not in TEXT} == set()
