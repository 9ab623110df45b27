import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from coachdash import postgres
from coachdash.postgres.paths import CHECKOUT

from .conftest import cleared
from .processes import User, query, server, using

NOBODY = 65534
NAMESPACE = CHECKOUT / "coachdash" / "postgres" / "namespace.py"

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def modes(directory: Path) -> list[tuple[int, int]]:
    """Mode and owner of every folder above."""
    return [(folder.stat().st_mode, folder.stat().st_uid) for folder in directory.parents]


@pytest.fixture
def closed(open_folder: Path) -> Iterator[Path]:
    """A directory below a folder that only its owner may enter."""
    (open_folder / "private").mkdir(mode=0o700)
    directory = open_folder / "private" / "var" / "cluster"
    yield directory
    cleared(directory)


@pytest.fixture
def others_checkout(open_folder: Path) -> Path:
    """A copy of this package in a checkout that belongs to nobody."""
    package = open_folder / "checkout" / "coachdash"
    shutil.copytree(CHECKOUT / "coachdash" / "postgres", package / "postgres")
    (package / "__init__.py").touch()
    for path in (package.parent, *package.parent.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    return package.parent


@as_root
def test_root_runs_the_server_as_another_account(directory: Path) -> None:
    before = modes(directory)
    postgres.ensure_running(directory, fast=True)

    assert server(directory).uids().effective not in (0, None)
    assert (directory / "data").stat().st_uid == server(directory).uids().effective
    assert modes(directory) == before


@as_root
def test_the_owner_of_the_checkout_comes_first(others_checkout: Path) -> None:
    directory = others_checkout / "var" / "postgres"
    with using(directory, checkout=others_checkout):
        assert server(directory).uids().effective == NOBODY
        assert {path.stat().st_uid for path in directory.iterdir()} == {NOBODY}
    cleared(directory)


@as_root
def test_in_a_closed_folder_the_server_runs_in_a_user_namespace(closed: Path) -> None:
    if subprocess.run([sys.executable, NAMESPACE, "/bin/true"], stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("this system allows no user namespaces")
    before = modes(closed.parent)
    postgres.ensure_running(closed, fast=True)
    postgres.restart(closed)

    assert query(closed, "SELECT 1") == 1
    assert (closed / "data").stat().st_uid == 0
    assert Path(f"/proc/{server(closed).pid}/ns/user").stat() != Path("/proc/self/ns/user").stat()
    assert modes(closed.parent) == before


@as_root
def test_where_namespaces_are_forbidden_the_server_passes_closed_folders_by_roots_right(closed: Path) -> None:
    before = modes(closed.parent)
    with using(closed, prefix=without("setfcap")):
        assert query(closed, "SELECT 1") == 1
        assert server(closed).uids().effective == (closed / "data").stat().st_uid != 0
    assert modes(closed.parent) == before


@as_root
def test_when_nobody_can_run_the_server_the_message_says_what_to_do(closed: Path) -> None:
    user = User(closed, prefix=without("setfcap", "dac_override", "dac_read_search"))
    assert not user.ready()

    said = user.end()
    assert "refuses root, and no other account can work in" in said
    assert "move the checkout to a folder that others may enter, or set DATABASE_URL" in said
    assert "Traceback" not in said
    assert closed.stat().st_uid == 0


@as_root
def test_an_ordinary_user_needs_nothing_of_this(directory: Path) -> None:
    directory.mkdir(mode=0o700)
    os.chown(directory, NOBODY, NOBODY)
    with using(directory, prefix=ordinary()) as user:
        assert query(directory, "SELECT 1") == 1
        assert server(directory).uids().effective == NOBODY
        assert Path(f"/proc/{user.process.pid}").stat().st_uid == NOBODY
    cleared(directory)


@as_root
def test_a_cluster_of_somebody_else_is_refused_with_both_names(directory: Path) -> None:
    directory.mkdir(mode=0o755)
    (directory / "data").mkdir()
    for name in ("users", "start", "keeper", "server"):
        (directory / f"{name}.lock").touch(mode=0o666)
        (directory / f"{name}.lock").chmod(0o666)
    (directory / "server.log").touch()
    (directory / "server.log").chmod(0o666)
    (directory / "data" / "PG_VERSION").write_text("18\n")

    user = User(directory, prefix=ordinary())
    assert not user.ready()
    assert "belongs to root, and this process is nobody. Start as its owner" in user.end()


@as_root
def test_a_user_without_a_name_runs_the_server_in_a_namespace(directory: Path) -> None:
    directory.mkdir(mode=0o700)
    os.chown(directory, 12345, 12345)
    with using(directory, prefix=ordinary(12345)):
        assert query(directory, "SELECT 1") == 1
        assert (directory / "data").stat().st_uid == 12345
    cleared(directory)


def without(*rights: str) -> list[str]:
    """Root without some of root's rights."""
    return ["setpriv", "--bounding-set", ",".join(f"-{right}" for right in rights), "--inh-caps=-all"]


def ordinary(uid: int = NOBODY) -> list[str]:
    """Somebody else; with the right to read everything, for Python may lie in a folder of root's."""
    right = "-all,+dac_read_search"
    return [
        "setpriv",
        f"--reuid={uid}",
        f"--regid={uid}",
        "--clear-groups",
        f"--inh-caps={right}",
        f"--ambient-caps={right}",
    ]
