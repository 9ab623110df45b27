from pathlib import Path

import pytest

from coachdash import postgres

from .processes import User, eventually, is_gone, keepers, query

pytestmark = pytest.mark.fault


def test_processes_that_start_at_once_share_one_server(directory: Path) -> None:
    users = [User(directory) for _ in range(4)]
    assert [user.ready() for user in users] == [True] * 4

    assert len(keepers(directory)) == 1
    assert query(directory, "SELECT count(*) FROM pg_database WHERE datname = 'coachdash'") == 1
    announced = "".join(user.end() for user in users)
    assert announced.count("Creating the embedded PostgreSQL") == 1
    assert eventually(lambda: is_gone(directory))


def test_short_lived_users_one_after_the_other_always_find_a_server(directory: Path) -> None:
    """However the end of one falls together with the start of the next."""
    for _ in range(5):
        user = User(directory)
        assert user.ready(), user.end()
        assert query(directory, "SELECT 1") == 1
        user.kill()
        postgres.stop(directory)
