"""Two coaches who must not see each other's students, and two people who see both."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from . import factories

type LogIn = Callable[[User], Client]


@pytest.fixture
def alice(db: None) -> User:
    return factories.coach("alice")


@pytest.fixture
def bob(db: None) -> User:
    return factories.coach("bob", zone="America/New_York")


@pytest.fixture
def manager(db: None) -> User:
    return factories.member("manager", "Manager")


@pytest.fixture
def log_in() -> LogIn:
    def log_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return log_in


@pytest.fixture(autouse=True)
def _collected_static_files(settings: Settings, tmp_path: Path) -> None:
    # Nobody collects them for tests, and whitenoise would rightly complain.
    settings.STATIC_ROOT = tmp_path
