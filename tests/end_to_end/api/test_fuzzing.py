"""Schemathesis against the served API: nothing that its document allows or forbids leads to another answer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.api.site import RUNNER_SECRET, Site

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "2"))
"""For each operation; a few in each run of the suite, many where somebody has ten minutes."""
PROGRAM = Path(sys.executable).with_name("schemathesis")
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture
def cycles_at_once() -> int:
    """None: each would be a process, and its answer is tested elsewhere."""
    return 0


@pytest.mark.fault
@pytest.mark.django_db(transaction=True)
def test_every_operation_keeps_to_the_document(site: Site, tmp_path: Path) -> None:
    said = subprocess.run(
        [
            *(PROGRAM, f"--config-file={CONFIGURATION}", "run", f"{site.address}/api/openapi.json"),
            f"--header=Authorization: Bearer {site.token}",
            f"--header=x-job-runner-secret: {RUNNER_SECRET}",
            "--checks=all",
            f"--max-examples={EXAMPLES}",
            "--continue-on-failure",
            "--suppress-health-check=all",
            "--no-color",
            "--seed=1",
            "--request-timeout=60",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
    )
    print(said.stdout[-3000:])
    assert said.returncode == 0, said.stdout[-20_000:] + said.stderr[-4_000:]
    assert "Internal Server Error" not in site.log.read_text()
