"""A mirror of two coaches' accounts, and who looks at it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django.fixtures import Settings

from gameplatform.models import Account, SyncRun
from tests.coachdash import factories

type SignIn = Callable[..., Client]
type Row = Callable[[int], object]


@pytest.fixture(autouse=True)
def _collected_static_files(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """Signs in a member of staff with these permissions, such as "view_account"."""

    def as_staff(name: str, *codenames: str) -> Client:
        user = User.objects.create_user(name, is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client = Client()
        client.force_login(user)
        return client

    return as_staff


@pytest.fixture
def dora(sign_in: SignIn) -> Client:
    """Staff that may see everything here, and operate nothing."""
    return sign_in("dora", "view_account", "view_solve", "view_flashevent", "view_syncrun", "view_job")


@pytest.fixture
def otto(sign_in: SignIn) -> Client:
    """An operator."""
    return sign_in("otto", "operate_job")


@pytest.fixture
def coach(db: None) -> User:
    return factories.coach("alice")


@pytest.fixture
def ada(coach: User) -> Account:
    """A student's account with two solves."""
    account = factories.playing(coach, "Ada Finch", 100, 200)
    account.username = "ada1"
    account.save()
    return account


def listed(client: Client, address: str, **query: Any) -> list[Any]:
    """The rows of the list, in its order."""
    response: Any = client.get(address, query)
    assert response.status_code == 200
    return list(response.context_data["cl"].result_list)


def make_run(**fields: Any) -> SyncRun:
    """A finished sync."""
    given = {
        "kind": "sync",
        "total": 3,
        "synced": 2,
        "failed": 0,
        "finished_at": factories.NOW,
        "started_at": factories.NOW,
    }
    return SyncRun.objects.create(**{**given, **fields})
