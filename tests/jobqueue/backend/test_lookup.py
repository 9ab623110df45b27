"""From the task type of a job to the task: what is found, and what is never even imported."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.tasks import task_backends
from django.test import override_settings

from jobqueue.backend import resolve
from jobqueue.django_tasks.lookup import find_task
from jobqueue.registry import registry
from tests.jobqueue.sample import tasks
from tests.jobqueue.worker.processes import ROOT

MODULE = "tests.jobqueue.sample.tasks"
BACKEND = "jobqueue.backend.JobQueueBackend"


def test_a_task_is_found_by_its_path() -> None:
    assert find_task(f"{MODULE}.add") is tasks.add


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("os.system", "os is not part of any app"),
        ("tests.jobqueue.samples.tasks.add", "not part of any app"),
        (f"{MODULE}.no_task", "has no @task function 'no_task'"),
        (f"{MODULE}.os", "has no @task function 'os'"),
        (f"{MODULE}.NoSuchAccount", "has no @task function"),
        ("tests.jobqueue.sample.nowhere.add", "There is no module tests.jobqueue.sample.nowhere"),
        ("tests.jobqueue.sample.tasks.add.func", "There is no module tests.jobqueue.sample.tasks.add"),
        ("noop", "no dotted path"),
        ("tests.jobqueue.sample..add", "no dotted path"),
        ("tests.jobqueue.sample.tasks.a b", "no dotted path"),
    ],
)
def test_what_is_no_task_of_an_app_is_not_found_and_the_reason_is_said(path: str, problem: str) -> None:
    with pytest.raises(LookupError, match=problem):
        find_task(path)


def test_a_module_outside_the_apps_is_not_even_imported() -> None:
    assert "antigravity" not in sys.modules
    assert resolve("antigravity.fly") is None
    assert "antigravity" not in sys.modules


def test_a_module_that_cannot_be_imported_is_an_unknown_task_type_and_its_error_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken_tasks.py").write_text("import no_such_library\n")
    from tests.jobqueue import sample

    monkeypatch.setattr(sample, "__path__", [*sample.__path__, str(tmp_path)])
    with caplog.at_level(logging.ERROR):
        assert "tests.jobqueue.sample.broken_tasks.send" not in registry
    assert "No module named 'no_such_library'" in caplog.text


def test_a_task_of_another_backend_is_none_of_the_queues() -> None:
    assert resolve(f"{MODULE}.not_ours") is None


def test_names_without_a_dot_are_not_looked_up(caplog: pytest.LogCaptureFixture) -> None:
    assert resolve("noop_of_nobody") is None
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("settings", "id_"),
    [
        ({"OPTIONS": {"retries": 3}}, "jobqueue.E011"),
        ({"QUEUES": ["q" * 65]}, "jobqueue.E012"),
        ({"QUEUES": [7]}, "jobqueue.E012"),
    ],
)
def test_checks_find_what_is_configured_wrongly(settings: dict[str, object], id_: str) -> None:
    with override_settings(TASKS={"default": {"BACKEND": BACKEND, **settings}}):
        assert [problem.id for problem in task_backends["default"].check()] == [id_]


def test_the_queue_must_be_installed() -> None:
    with override_settings(INSTALLED_APPS=["django.contrib.contenttypes"]):
        assert [problem.id for problem in task_backends["default"].check()] == ["jobqueue.E010"]


def test_these_settings_pass_the_checks() -> None:
    assert [problem for problem in run_checks() if str(problem.id).startswith("jobqueue.E01")] == []


_PROJECT = {
    "settings.py": """
SECRET_KEY = "x"
INSTALLED_APPS = ["jobqueue", "django.contrib.postgres", "django.contrib.auth", "django.contrib.contenttypes", "mail"]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}
USE_TZ = True
TASKS = {"default": {"BACKEND": "jobqueue.backend.JobQueueBackend"}}
JOB_QUEUE = {"TASK_TYPES": {"mail.letters.send": {"max_attempts": 9}}}
""",
    "mail/__init__.py": "from mail.letters import send\n",  # imported before any app is ready
    "mail/letters.py": "from django.tasks import task\n\n\n@task(max_attempts=3)\ndef send(to): ...\n",
    "look.py": """
import django
django.setup()
from django.core.checks import run_checks
from jobqueue.registry import registry
assert not run_checks(), run_checks()
known = registry.get("mail.letters.send")
print(known.label, known.retry.max_attempts)
""",
}


def test_three_lines_of_settings_suffice_and_tasks_may_be_imported_before_the_apps_are_ready(tmp_path: Path) -> None:
    for name, text in _PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [sys.executable, "look.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "settings"},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("Send 9\n", "", 0)
