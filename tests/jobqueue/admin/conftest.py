"""Who looks at the admin in these tests."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

type SignIn = Callable[..., Client]


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """Signs in a member of staff with permissions of the queue, such as "operate_job"."""

    def as_staff(name: str, *codenames: str) -> Client:
        user = User.objects.create_user(name, is_staff=True)
        wanted = Permission.objects.filter(content_type__app_label="jobqueue", codename__in=codenames)
        assert len(wanted) == len(codenames)
        user.user_permissions.set(wanted)
        client = Client()
        client.force_login(user)
        return client

    return as_staff


@pytest.fixture
def alice(sign_in: SignIn) -> Client:
    """An administrator: operates jobs, and deletes them."""
    return sign_in("alice", "operate_job", "delete_job")


@pytest.fixture
def manager(sign_in: SignIn) -> Client:
    """Operates jobs, but deletes none."""
    return sign_in("mallory", "view_job", "operate_job")


@pytest.fixture
def bob(sign_in: SignIn) -> Client:
    """Staff that may look, no more."""
    return sign_in("bob", "view_job", "view_schedule", "view_worker", "view_pause")
