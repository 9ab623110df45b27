import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from coachdash import postgres
from coachdash.postgres.paths import ClusterPaths

from .conftest import cleared
from .processes import query


@pytest.fixture
def deep(open_folder: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A directory whose path is too long for a socket, or oddly named."""
    directory = open_folder / getattr(request, "param", "deeply-nested/" * 8) / "cluster"
    yield directory
    cleared(directory)


@pytest.mark.parametrize("deep", ["deeply-nested/" * 8, "it's, say, $HOME"], indirect=True, ids=["deep", "odd"])
def test_a_deeply_nested_or_oddly_named_checkout_works_and_leaves_no_folder_behind(deep: Path) -> None:
    postgres.ensure_running(deep, fast=True)
    short = ClusterPaths.of(deep).sockets

    assert query(deep, "SHOW unix_socket_directories") == str(short)
    assert short.stat().st_mode & 0o777 == 0o700
    postgres.stop(deep)
    assert not short.exists()


def test_a_link_in_its_place_is_not_followed(deep: Path, tmp_path: Path) -> None:
    short = ClusterPaths.of(deep).sockets
    short.symlink_to(tmp_path)
    try:
        with pytest.raises(postgres.PostgresError, match="not a folder that only we may enter: remove it"):
            postgres.ensure_running(deep, fast=True)
    finally:
        short.unlink()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_others_may_enter_is_refused(deep: Path) -> None:
    short = ClusterPaths.of(deep).sockets
    short.mkdir(mode=0o755)
    try:
        with pytest.raises(postgres.PostgresError, match="not a folder that only we may enter"):
            postgres.ensure_running(deep, fast=True)
    finally:
        short.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_a_folder_of_somebody_else_is_refused(deep: Path) -> None:
    short = ClusterPaths.of(deep).sockets
    short.mkdir(mode=0o700)
    os.chown(short, 12345, 12345)
    try:
        with pytest.raises(postgres.PostgresError, match="not a folder that only we may enter"):
            postgres.ensure_running(deep, fast=True)
    finally:
        short.rmdir()


def test_a_folder_that_was_opened_while_the_server_ran_is_noticed(deep: Path) -> None:
    postgres.ensure_running(deep, fast=True)
    short = ClusterPaths.of(deep).sockets
    short.chmod(0o777)
    try:
        with pytest.raises(postgres.PostgresError, match="not a folder that only we may enter"):
            postgres.ensure_running(deep)
    finally:
        short.chmod(0o700)
