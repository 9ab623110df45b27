from pathlib import Path

import pytest

from coachdash.postgres.paths import ClusterPaths

SHORT = Path("/tmp")  # noqa: S108 - compared, never opened
DEEP = Path("/srv") / "/".join(["deeply-nested"] * 8)


def sockets(directory: Path) -> Path:
    return ClusterPaths.of(directory).sockets


def test_the_socket_lies_in_the_cluster() -> None:
    assert sockets(Path("/srv/app/var/postgres")) == Path("/srv/app/var/postgres/socket")


def test_a_path_too_long_for_a_socket_is_replaced_by_a_short_one() -> None:
    assert sockets(DEEP).parent == SHORT
    assert len(str(sockets(DEEP))) < 60


def test_the_short_path_is_always_the_same_and_each_cluster_has_its_own() -> None:
    assert sockets(DEEP) == sockets(DEEP)
    assert sockets(DEEP) != sockets(DEEP / "other")


@pytest.mark.parametrize("name", ["a,b", "with space", "it's", 'the "new"', "$HOME", "Übung"])
def test_a_name_that_libpq_or_a_shell_could_misread_is_replaced(name: str) -> None:
    assert sockets(Path("/srv") / name).parent == SHORT


def test_a_link_to_a_cluster_means_the_same_cluster(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert ClusterPaths.of(tmp_path / "link") == ClusterPaths.of(tmp_path / "real")
