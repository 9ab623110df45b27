"""Cycles started as the web does, over the database of the tests."""

import pytest
from django.contrib.auth.models import User

from jobqueue.audit import Actor
from jobqueue.models.audit_entry import Channel
from tests.jobqueue.worker.processes import environment


@pytest.fixture(autouse=True)
def _processes_use_this_database(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def alice() -> Actor:
    """An operator in the admin."""
    return Actor(name="alice", channel=Channel.ADMIN, user_id=User.objects.create_user("alice").pk)


@pytest.fixture
def machine() -> Actor:
    """Whoever has the worker endpoint's secret."""
    return Actor(name="job runner", channel=Channel.API)
