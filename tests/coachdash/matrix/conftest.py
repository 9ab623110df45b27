"""Everybody, and everything that they may knock at."""

from collections.abc import Iterator, Mapping
from copy import copy

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from . import world
from .roles import people, programs


@pytest.fixture(scope="module")
def world_of_all(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Mapping[str, Client]]:
    """One of everything, and a client per role; each test lives in a savepoint of this transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        clients = dict(people())
        world.build(User.objects.get(username="alice"))
        tokens = programs(User.objects.get(username="admin"))
        yield {**clients, **tokens, "a token": tokens["write token"]}
        transaction.set_rollback(True)


@pytest.fixture
def everybody(world_of_all: Mapping[str, Client], db: None, settings: Settings) -> Mapping[str, Client]:
    """A client per role as before the first test."""
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "API_STRANGERS_PER_MINUTE": 10_000, "API_CALLS_PER_MINUTE": 10_000}
    return {role: _fresh(client) for role, client in world_of_all.items()}


def _fresh(client: Client) -> Client:
    fresh = copy(client)
    fresh.cookies = copy(client.cookies)
    return fresh
