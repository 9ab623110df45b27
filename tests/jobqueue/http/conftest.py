"""Who calls the API in these tests."""

import pytest
from django.contrib.auth.models import User

from tests.jobqueue.http.calling import ALL, Api, by_token, make_user


@pytest.fixture
def alice(db: None) -> User:
    """An operator who may do everything."""
    return make_user("alice", *ALL)


@pytest.fixture
def api(alice: User) -> Api:
    """Her token, with all scopes."""
    return by_token(alice)
