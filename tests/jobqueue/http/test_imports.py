"""What must do without the API's libraries does."""

import subprocess
import sys

import pytest

from tests.jobqueue.worker.processes import ROOT, environment

_ASK = """
import sys
from django.core.management import execute_from_command_line
try:
    execute_from_command_line(["manage.py", *{arguments}])
except SystemExit as end:
    assert not end.code, end
print("LOADED", sorted({{"ninja", "pydantic", "coachdash.urls"}} & set(sys.modules)))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("arguments", [["run_worker", "--once"], ["run_scheduler", "--once"], ["list_jobs"]])
def test_workers_and_commands_import_no_ninja(arguments: list[str]) -> None:
    said = subprocess.run(
        [sys.executable, "-c", _ASK.format(arguments=arguments)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "LOADED []" in said.stdout
