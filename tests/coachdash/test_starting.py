"""Starting with a wrong environment: one sentence that names the variable and says what was expected, and no more."""

import os
import re
import subprocess
import sys

import pytest

from tests.jobqueue.worker.processes import ROOT

PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "k3Jx9q-Zr7TnW1vPz0LbYc8HsUa5EdGf2MiOo6RtQwXyVnBl4Kj",
    "ALLOWED_HOSTS": "coach.example.org",
    "CSRF_TRUSTED_ORIGINS": "https://coach.example.org",
    "DATABASE_URL": "postgres://coach:hunter2@db.example.org/coach",
    "JOB_QUEUE_RUNNER_SECRET": "a-runner-secret-of-some-length",
    "CRON_SECRET": "a-cron-secret-of-some-length",
    "GAME_PLATFORM_API_TOKEN": "a-platform-token",
}
"""All right, for a server that nobody connects to."""

OTHERS = {"DJANGO_SETTINGS_MODULE", "NO_PROXY", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "HOME", "PGDATA"}
"""Read or set by our programs, but not settings of this project."""


def started(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """What became of a program of the project in this environment alone."""
    given = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**given, "DJANGO_SETTINGS_MODULE": "coachdash.settings", **PRODUCTION, **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_production_settings_pass_the_deployment_check() -> None:
    done = started("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is not set: with DEBUG off it must be a long random text"),
        ("SECRET_KEY", "changeme", "SECRET_KEY has 8 characters: with DEBUG off expected a random text of 50 or more"),
        ("DEBUG", "perhaps", "DEBUG is 'perhaps': expected true or false."),
        ("ALLOWED_HOSTS", "https://coach.example.org", "expected host names such as coach.example.org"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS is '*': expected host names"),
        ("ALLOWED_HOSTS", "coach.example.org:8000", "expected host names such as coach.example.org"),
        ("CSRF_TRUSTED_ORIGINS", "coach.example.org", "expected origins such as https://coach.example.org"),
        ("DATABASE_URL", "mysql://coach:hunter2@db/coach", "expected postgres://user:password@host:port/name"),
        ("DATABASE_URL", "postgres://coach:hunter2@db", "expected postgres://user:password@host:port/name"),
        ("TRUSTED_PROXIES", "many", "TRUSTED_PROXIES is 'many': expected a whole number from 0 to 9."),
        ("SECURE_SSL_REDIRECT", "2", "SECURE_SSL_REDIRECT is '2': expected true or false."),
        ("JOB_QUEUE_DISABLED", "later", "JOB_QUEUE_DISABLED is 'later': expected true or false."),
        ("JOB_QUEUE_RUNNER_SECRET", "hunter2", "JOB_QUEUE_RUNNER_SECRET holds a secret of 7 characters: expected at"),
        ("CRON_SECRET", "hunter2", "CRON_SECRET holds a secret of 7 characters: expected at least 16"),
        ("METRICS_TOKEN", "hunter2", "METRICS_TOKEN holds a secret of 7 characters: expected at least 16"),
        ("GAME_PLATFORM_PROVIDER", "chess", "GAME_PLATFORM_PROVIDER is 'chess': expected metactf"),
        ("GAME_PLATFORM_API_BASE_URL", "api.metactf.com", "expected an address such as https://host/path"),
        ("GAME_PLATFORM_INTEGRATION_ENABLED", "ja", "GAME_PLATFORM_INTEGRATION_ENABLED is 'ja': expected true or"),
        ("SENTRY_DSN", "hunter2@sentry", "SENTRY_DSN is not what Sentry gives: expected https://KEY@HOST/PROJECT"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT is 'xml': expected json or console."),
        ("LOG_LEVEL", "loud", "LOG_LEVEL is 'loud': expected DEBUG or INFO"),
    ],
)
def test_a_wrong_variable_stops_the_start_with_a_sentence(name: str, text: str, expected: str) -> None:
    done = started("manage.py", "check", **{name: text})

    assert done.returncode == 1
    assert expected in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "hunter2" not in done.stderr


def test_a_web_server_says_it_too_and_does_not_try_again() -> None:
    done = started("-m", "gunicorn", "coachdash.wsgi", "--bind", "127.0.0.1:0", ALLOWED_HOSTS="*")

    assert done.returncode == 3
    assert "ALLOWED_HOSTS is '*': expected host names" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_variable_that_is_read_is_described_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text()
    described = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    source = "\n".join(path.read_text() for path in (ROOT / "coachdash").rglob("*.py"))
    read = set(re.findall(r"""(?:env, |env\.str\(|env\(|environ\.get\(|environ\[)"([A-Z_]+)\"""", source))

    assert {"DATABASE_URL", "SECRET_KEY", "CRON_SECRET", "DEMO_PORT"} <= read | described
    assert read - described - OTHERS == set()
