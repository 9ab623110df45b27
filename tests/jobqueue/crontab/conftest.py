"""Projects with a crontab that is nobody's."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .project import Project, copied

type MakeProject = Callable[[str], Project]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """This checkout, over an empty table."""
    return Project(tmp_path)


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """Copies of this checkout over one table: `make_project("name of its folder")`."""

    def make(name: str) -> Project:
        made = Project(tmp_path, path=copied(tmp_path / name))
        made.environment |= {"DJANGO_SETTINGS_MODULE": "coachdash.settings"}
        return made

    return make
