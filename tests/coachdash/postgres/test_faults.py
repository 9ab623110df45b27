import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from coachdash import postgres
from coachdash.postgres import binaries, locks
from coachdash.postgres.paths import ClusterPaths

from . import processes
from .processes import connect, execute, query

pytestmark = pytest.mark.fault


@pytest.fixture
def stopped(directory: Path) -> Path:
    """A cluster with a table in it, not running."""
    postgres.ensure_running(directory, fast=True)
    execute(directory, "CREATE TABLE kept AS SELECT 1")
    postgres.stop(directory)
    return directory


@pytest.fixture
def bystander(stopped: Path) -> Iterator[int]:
    """A process of the server's account that has nothing to do with it."""
    owner = stopped.stat()
    account = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    process = subprocess.Popen(["sleep", "1000"], cwd="/", **account)  # type: ignore[call-overload]
    yield process.pid
    assert process.poll() is None, "the bystander was ended"
    process.kill()
    process.wait()


def give(path: Path, like: Path) -> None:
    """As if the server had made it."""
    os.chown(path, like.stat().st_uid, like.stat().st_gid)


def works(directory: Path) -> bool:
    return bool(query(directory, "SELECT count(*) FROM kept") == 1)


def test_a_stale_pid_file_is_not_believed(stopped: Path, bystander: int) -> None:
    pid_file = ClusterPaths.of(stopped).pid_file
    pid_file.write_text(f"{bystander}\n{stopped}/data\n1700000000\n5432\n\n\n\nready\n")
    give(pid_file, stopped)

    assert postgres.status(stopped).process is None
    postgres.stop(stopped)
    postgres.ensure_running(stopped)

    assert works(stopped)


def test_a_stale_lock_of_the_socket_is_not_believed(stopped: Path, bystander: int) -> None:
    sockets = ClusterPaths.of(stopped).sockets
    sockets.mkdir(mode=0o700)
    give(sockets, stopped)
    (sockets / ".s.PGSQL.5432.lock").write_text(f"{bystander}\n{stopped}/data\n1700000000\n5432\n{sockets}\n")
    postgres.ensure_running(stopped)
    assert works(stopped)


def test_another_process_with_the_servers_old_number_is_never_signalled(stopped: Path, bystander: int) -> None:
    """Not even while processes of a killed server still live, as the held lock says."""
    if not Path("/proc/self/cwd").exists():
        pytest.skip("this system has no /proc to tell one process from another")
    paths = ClusterPaths.of(stopped)
    paths.pid_file.write_text(f"{bystander}\n{stopped}/data\n")
    with locks.held(paths.server_lock):
        assert postgres.status(stopped).process is None
    paths.pid_file.unlink()


@pytest.mark.parametrize("content", ["", "garbage\n"])
def test_an_unreadable_pid_file_does_not_hinder_the_start(stopped: Path, content: str) -> None:
    ClusterPaths.of(stopped).pid_file.write_text(content)
    postgres.ensure_running(stopped)
    assert works(stopped)


def test_a_killed_server_is_recovered_by_the_next_start(directory: Path, programs: binaries.Binaries) -> None:
    postgres.ensure_running(directory, fast=True)
    execute(directory, "CREATE TABLE kept AS SELECT 1")
    with connect(directory):
        processes.server(directory).kill()

        postgres.ensure_running(directory)

    assert works(directory)
    assert len(processes.keepers(directory)) == 1


def test_a_start_waits_while_the_server_recovers_from_a_killed_connection(directory: Path) -> None:
    postgres.ensure_running(directory, fast=True)
    with connect(directory) as connection:
        before = processes.server(directory)
        psutil.Process(connection.info.backend_pid).kill()
        postgres.ensure_running(directory)

    assert query(directory, "SELECT 1") == 1
    assert processes.server(directory) == before


def test_a_server_started_by_hand_is_left_alone_and_named(stopped: Path) -> None:
    programs = binaries.find()
    paths = ClusterPaths.of(stopped)
    by_hand = [programs.path("pg_ctl"), "-D", str(paths.data), "-o", f"-c listen_addresses='' -k {stopped}", "-w"]
    owner = stopped.stat()
    account = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    subprocess.run([*by_hand, "start"], check=True, stdout=subprocess.DEVNULL, cwd="/", **account)  # type: ignore[call-overload]
    noted = paths.pid_file.read_text()
    try:
        with pytest.raises(postgres.PostgresError, match=r"Process \d+ is a PostgreSQL that was started by hand"):
            postgres.ensure_running(stopped)
        assert paths.pid_file.read_text() == noted
    finally:
        subprocess.run([*by_hand, "stop"], check=True, stdout=subprocess.DEVNULL, cwd="/", **account)  # type: ignore[call-overload]


def test_a_server_that_cannot_start_says_why(stopped: Path) -> None:
    (stopped / "data" / "global" / "pg_control").unlink()
    with pytest.raises(postgres.PostgresError, match=r"did not start: .*pg_control.* \(see .*server\.log\)"):
        postgres.ensure_running(stopped)


def test_the_process_of_a_removed_directory_becomes_a_user_of_the_new_one(directory: Path) -> None:
    postgres.ensure_running(directory, fast=True)
    postgres.stop(directory)
    shutil.rmtree(directory)

    postgres.ensure_running(directory, fast=True)

    held = [file.fd for file in psutil.Process().open_files()]
    assert any(locks.is_current(descriptor, ClusterPaths.of(directory).users_lock) for descriptor in held)
