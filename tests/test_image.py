"""What production is built from: the Dockerfile and the examples, read and judged; nothing here can build them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "docs" / "examples"
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def instructions(name: str) -> list[str]:
    """The arguments of each instruction of that name, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", DOCKERFILE)
    return re.findall(rf"^{name} (.*)$", text, re.MULTILINE)


def test_every_base_image_is_pinned_to_a_version() -> None:
    bases = instructions("FROM")

    assert len(bases) == 2
    for base in bases:
        assert re.match(r"python:3\.\d+-slim-bookworm\b", base), base


def test_the_image_runs_without_root_and_starts_without_a_shell() -> None:
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]

    assert re.findall(r"^USER (.*)$", last_stage, re.MULTILINE) == ["10001"]
    assert instructions("CMD")[-1].startswith('["gunicorn", "coachdash.wsgi"')
    assert not instructions("ENTRYPOINT")


def test_nothing_secret_is_part_of_the_image() -> None:
    kept = " ".join(instructions("ENV") + instructions("ARG"))

    assert not re.search(r"SECRET|TOKEN|PASSWORD|DATABASE_URL|DSN", kept)
    assert not instructions("ADD")
    assert not re.search(r"https?://", DOCKERFILE)


def test_dependencies_are_those_of_the_lock_file_by_hash() -> None:
    assert any("--require-hashes -r requirements.lock" in run for run in instructions("RUN"))


def test_the_image_gets_no_history_no_secrets_no_data_and_no_tests() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()

    assert {".git", ".env", ".venv", "var", "tests"} <= set(ignored)
    assert "docs" not in ignored  # the playbook is shown in the admin


def test_the_programs_that_it_starts_are_installed() -> None:
    assert "\ngunicorn==" in (ROOT / "requirements.lock").read_text()


@pytest.mark.parametrize("name", ["compose.yaml", "kubernetes.yaml"])
def test_examples_keep_web_and_worker_apart_pinned_and_confined(name: str) -> None:
    text = (EXAMPLES / name).read_text()

    assert "run_worker" in text
    assert "/health/ready" in text
    assert ":latest" not in text
    assert re.search(r"read_only: true|readOnlyRootFilesystem: true", text)
    assert re.search(r"no-new-privileges:true|allowPrivilegeEscalation: false", text)
    for image in re.findall(r"image: (\S+)", text):
        assert re.search(r":\d", image), image


@pytest.mark.parametrize("name", ["compose.yaml", "kubernetes.yaml", "jobqueue-worker.service"])
def test_a_worker_gets_more_time_to_stop_than_it_takes(name: str) -> None:
    from jobqueue.conf import Conf

    takes = Conf.SHUTDOWN_GRACE_SECONDS + Conf.INTERRUPT_GRACE_SECONDS
    given = re.findall(r"(?:stop_grace_period|terminationGracePeriodSeconds|TimeoutStopSec)[:=] ?(\d+)",
                       (EXAMPLES / name).read_text())  # fmt: skip

    assert given
    assert all(int(seconds) > takes for seconds in given)


def test_every_command_of_the_examples_exists() -> None:
    texts = "".join(path.read_text() for path in EXAMPLES.iterdir()) + (ROOT / "docs" / "deploy.md").read_text()
    commands = set(re.findall(r'manage\.py"?,? "?([a-z_]+)', texts))
    known = subprocess.run(
        [sys.executable, "manage.py", "help", "--commands"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip

    assert {"run_worker", "migrate", "job_health"} <= commands
    assert commands <= set(known)
