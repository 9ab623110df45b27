"""Everybody, and everything that they may knock at."""

from collections.abc import Mapping

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from . import world
from .roles import people, programs


@pytest.fixture
def everybody(db: None, settings: Settings) -> Mapping[str, Client]:
    """A client per role, in a world with one of everything."""
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "API_STRANGERS_PER_MINUTE": 10_000, "API_CALLS_PER_MINUTE": 10_000}
    clients = dict(people())
    world.build(User.objects.get(username="alice"))
    tokens = programs(User.objects.get(username="admin"))
    clients |= tokens
    clients["a token"] = tokens["write token"]
    return clients
