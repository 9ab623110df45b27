"""The queue in a project of somebody else: only `jobqueue` is on its path, and it uses it as the manual says."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "tests" / "tiny_project"


class Tiny:
    """The project with a database of its own, used through its command line."""

    def __init__(self, path: Path, database: Mapping[str, str]) -> None:
        (path / "jobqueue").symlink_to(ROOT / "jobqueue")
        ours = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "JOB_QUEUE_OVERRIDES", "TEST_DATABASE_NAME")
        self.environment = {name: value for name, value in os.environ.items() if name not in ours}
        self.environment |= {
            **database,
            "DJANGO_SETTINGS_MODULE": "tiny.settings",
            "PYTHONPATH": str(path),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the project's folder; warnings of the queue's own code are errors there, too."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def manage(self, *arguments: str) -> str:
        """Run a command to its good end; returns what it printed."""
        ran = self.python("-m", "django", *arguments)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def shell(self, code: str) -> str:
        """Run code; returns what it printed."""
        return self.manage("shell", "--no-imports", "--command", code).strip()


@pytest.fixture(scope="module")
def database() -> Iterator[Mapping[str, str]]:
    """An empty database on the server of the tests, as the environment of a process says it."""
    given = connection.get_connection_params()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    server = {variable: str(given[name]) for name, variable in names.items() if given.get(name)}
    name = sql.Identifier(f"tiny_{uuid4().hex[:12]}")
    maintenance = {key: given[key] for key in names if given.get(key)}
    with psycopg.connect(**maintenance, dbname="postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        yield {**server, "PGDATABASE": name.as_string().strip('"')}
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture(scope="module")
def bare(database: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """The project before its first migration."""
    return Tiny(tmp_path_factory.mktemp("path"), database)


@pytest.fixture(scope="module")
def tiny(bare: Tiny) -> Tiny:
    """The migrated project."""
    bare.manage("migrate", "--verbosity=0")
    return bare


@pytest.fixture(scope="module")
def worker(tiny: Tiny) -> Iterator[subprocess.Popen[bytes]]:
    """Its `run_worker`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "django", "run_worker", "--concurrency", "2"],
        cwd=PROJECT,
        env=tiny.environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    yield process
    process.terminate()
    assert process.wait() == 0


def test_the_rest_of_this_repository_is_not_there(bare: Tiny) -> None:
    for package in ("coachdash", "gameplatform", "tests"):
        ran = bare.python("-c", f"import {package}")
        assert f"No module named '{package}'" in ran.stderr


def test_the_checks_have_nothing_to_say(bare: Tiny) -> None:
    assert "no issues" in bare.manage("check", "--fail-level", "DEBUG")


def test_no_migration_is_missing(tiny: Tiny) -> None:
    assert "No changes" in tiny.manage("makemigrations", "--check", "--dry-run")


def test_every_module_can_be_imported(tiny: Tiny) -> None:
    code = (
        "import importlib, pkgutil, jobqueue\n"
        "names = [m.name for m in pkgutil.walk_packages(jobqueue.__path__, 'jobqueue.')]\n"
        "print(len([importlib.import_module(name) for name in names]) > 100)"
    )
    assert tiny.shell(code) == "True"


def test_a_job_runs_in_a_worker(tiny: Tiny, worker: subprocess.Popen[bytes]) -> None:
    payload = json.dumps({"number": 5, "parcels": 2})
    answer = tiny.manage("enqueue_job", "ship_order", "--payload", payload, "--wait", "--json")

    told = json.loads(answer)
    assert (told["status"], told["result"]) == ("succeeded", {"shipped": 2})
    assert "ship_order" in tiny.manage("list_jobs", "--type", "ship_order")


def test_a_task_runs_in_a_worker(tiny: Tiny, worker: subprocess.Popen[bytes]) -> None:
    code = (
        "import time\n"
        "from shop.tasks import add_up\n"
        "made = add_up.enqueue(1, 2, 3)\n"
        "while not made.is_finished: time.sleep(0.05); made.refresh()\n"
        "print(add_up.get_result(made.id).return_value)"
    )
    assert tiny.shell(code) == "6"


def test_the_seeded_schedule_fires(tiny: Tiny, worker: subprocess.Popen[bytes]) -> None:
    code = (
        "import time\n"
        "from jobqueue.api import Job\n"
        "while not (job := Job.objects.filter(schedule__isnull=False, status='succeeded').first()): time.sleep(0.05)\n"
        "print(job.result.split()[0])"
    )
    assert tiny.shell(code) == "counted"


def test_the_admin_shows_the_jobs(tiny: Tiny) -> None:
    id_ = tiny.shell("from jobqueue.api import enqueue; print(enqueue('ship_order', {'number': 1}).id)")
    names = ("job", "schedule", "worker", "pause", "auditentry")
    pages = ["/admin/", f"/admin/jobqueue/job/{id_}/change/", *(f"/admin/jobqueue/{name}/" for name in names)]
    pages += ["/admin/jobqueue/schedule/add/", "/admin/jobqueue/schedule/1/change/"]

    ran = tiny.python("visit.py", *pages)

    assert ran.stdout.splitlines() == [f"{page} 200" for page in pages], ran.stderr


def test_what_is_for_programs_answers(tiny: Tiny) -> None:
    pages = ["/api/admin/jobs", "/api/openapi.json", "/api/docs", "/health/live", "/health/ready"]
    ran = tiny.python("visit.py", *pages, "/metrics")
    assert ran.stdout.splitlines() == [*(f"{page} 200" for page in pages), "/metrics 401"], ran.stderr

    code = (
        "from django.test import Client\n"
        "for page, secret in (('/metrics', 'for the tests only'), ('/api/admin/jobs', SECRET)):\n"
        "    print(Client().get(page, headers={'authorization': f'Bearer {secret}'}).status_code)"
    )
    arguments = ("--user", "admin", "--name", "tests", "--scope", "jobs:read", "--json")
    secret = json.loads(tiny.manage("create_api_token", *arguments))["secret"]
    assert tiny.shell(f"SECRET = {secret!r}\n{code}").split() == ["200", "200"]


def test_what_is_not_switched_on_needs_no_library(tiny: Tiny) -> None:
    code = (
        "import sys\n"
        "sys.modules['ninja'] = sys.modules['prometheus_client'] = None\n"  # importing them is an error from here on
        "from django.conf import settings\n"
        "from django.contrib import admin\n"
        "from django.core.checks import run_checks\n"
        "from django.test import Client\n"
        "from django.urls import path\n"
        "settings.ROOT_URLCONF = (path('admin/', admin.site.urls),)\n"
        "import jobqueue.worker.supervisor\n"
        "print(run_checks(), Client().get('/admin/login/').status_code)"
    )
    assert tiny.shell(code) == "[] 200"


def test_the_index_of_the_admin_shows_the_dashboard(tiny: Tiny) -> None:
    code = (
        "from django.contrib.auth.models import User\n"
        "from django.test import Client\n"
        "client = Client()\n"
        "client.force_login(User.objects.create_superuser('looker'))\n"
        "print('Slowest task types' in client.get('/admin/').content.decode())"
    )
    assert tiny.shell(code) == "True"


def test_its_own_tests_pass(tiny: Tiny) -> None:
    ran = tiny.python("-W", "error::DeprecationWarning:jobqueue", "-m", "django", "test")

    assert ran.returncode == 0, ran.stderr
    assert "Ran 6 tests" in ran.stderr
