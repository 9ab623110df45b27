"""Loading the demo's data by its command."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

type Load = Callable[..., dict[str, str]]


@pytest.fixture
def load(db: None, settings: Settings, tmp_path: Path) -> Load:
    """Runs `load_demo` with these arguments; returns the passwords that it prints, by username."""
    settings.DEBUG = True
    settings.VAR_DIR = tmp_path

    def load(*arguments: str) -> dict[str, str]:
        output = StringIO()
        call_command("load_demo", *arguments, stdout=output)
        return {line.split()[0]: line.split()[1] for line in output.getvalue().splitlines()}

    return load
