import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from coachdash import postgres
from coachdash.postgres import locks
from coachdash.postgres.paths import CHECKOUT, ClusterPaths

from .processes import User, eventually, is_gone, keepers, query, server, using

USE = (
    "import sys; from pathlib import Path; from coachdash import postgres; "
    "postgres.ensure_running(Path(sys.argv[1]), fast=True)"
)

pytestmark = pytest.mark.fault


def test_the_server_ends_after_its_last_user(directory: Path) -> None:
    with using(directory) as first, using(directory):
        first.end()
        assert len(keepers(directory)) == 1
        assert server(directory).is_running()
    assert eventually(lambda: is_gone(directory))


def test_a_killed_user_leaves_no_server_behind(directory: Path) -> None:
    with using(directory) as user:
        user.kill()
        assert eventually(lambda: is_gone(directory))


def test_users_killed_in_the_middle_of_the_first_start_leave_nothing_behind(directory: Path) -> None:
    user = User(directory)
    assert eventually((directory / "data.new" / "PG_VERSION").exists)
    user.kill()
    assert eventually(lambda: is_gone(directory))

    with using(directory):
        assert query(directory, "SELECT 1") == 1
    assert not (directory / "data.new").exists()


def test_a_process_that_was_forked_by_a_user_is_a_user(directory: Path) -> None:
    fork = "import os; os.fork() and os._exit(0)"
    command = [sys.executable, "-c", f"{USE}; {fork}; print(flush=True); sys.stdin.read()", str(directory)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"\n"
        assert parent.wait() == 0
        assert locks.try_exclusive(ClusterPaths.of(directory).users_lock) is None
    assert eventually(lambda: is_gone(directory))


def test_the_server_survives_its_keeper_and_the_next_user_brings_a_new_one(directory: Path) -> None:
    with using(directory):
        process = server(directory)
        keepers(directory)[0].kill()
        assert eventually(lambda: not keepers(directory))
        with using(directory):
            assert len(keepers(directory)) == 1
            assert server(directory) == process
    assert eventually(lambda: is_gone(directory))


def test_a_server_whose_keeper_was_killed_still_ends_with_its_last_user(directory: Path) -> None:
    with using(directory):
        keepers(directory)[0].kill()
        assert eventually(lambda: not keepers(directory))
    assert eventually(lambda: is_gone(directory))


def test_a_server_that_lost_everybody_is_adopted_by_the_next_user(directory: Path) -> None:
    with using(directory) as user:
        process = server(directory)
        keepers(directory)[0].kill()
        user.kill()
    with using(directory):
        assert server(directory) == process
    assert eventually(lambda: is_gone(directory))


def test_a_user_who_comes_while_the_server_is_stopping_gets_a_new_one(directory: Path) -> None:
    with using(directory):
        stopping = server(directory)
        stopping.suspend()  # so that the stop takes as long as this test wants
    keeper = keepers(directory)[0]
    assert eventually(lambda: signal.SIGINT in pending(stopping.pid))

    late = User(directory)
    stopping.resume()

    assert late.ready()
    assert server(directory) != stopping
    assert keepers(directory) != [keeper]
    late.end()


def test_the_terminals_ctrl_c_does_not_reach_the_keeper_or_the_server(directory: Path) -> None:
    with using(directory) as user:
        for process in (keepers(directory)[0], server(directory)):
            assert os.getsid(process.pid) != os.getsid(user.process.pid)


def test_neither_the_keeper_nor_the_server_holds_a_pipe_of_their_starter(directory: Path) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("this system has no /proc to look at")
    with using(directory) as user:
        pipes = open_files(user.process.pid)[:3]
        keeper = keepers(directory)[0].pid
        for process in (keeper, server(directory).pid):
            assert set(pipes).isdisjoint(open_files(process))
        assert Path(f"/proc/{keeper}/cwd").readlink() == Path("/")


def test_a_caller_that_collects_output_does_not_wait_for_the_keeper(directory: Path) -> None:
    with using(directory):
        postgres.stop(directory)
        keepers(directory)[0].kill()
        command = [sys.executable, "-c", USE, str(directory)]
        subprocess.run(command, cwd=CHECKOUT, capture_output=True, check=True, timeout=300)  # a hang guard
        # The call has returned, although the server and the keeper that it started live on.
        assert len(keepers(directory)) == 1
        assert server(directory).is_running()


def test_the_keeper_of_a_directory_that_was_replaced_spares_the_new_server(directory: Path) -> None:
    with using(directory) as user:
        orphan, keeper = server(directory), keepers(directory)[0]
        directory.rename(directory.with_name("old"))
        with using(directory):
            user.end()
            assert eventually(lambda: str(directory / "users.lock") in [f.path for f in keeper.open_files()])
            assert query(directory, "SELECT 1") == 1
    assert eventually(lambda: is_gone(directory))
    orphan.kill()


def open_files(pid: int) -> list[str]:
    """What the numbers from 0 on stand for."""
    links = Path(f"/proc/{pid}/fd").iterdir()
    return [str(link.readlink()) for link in sorted(links, key=lambda link: int(link.name))]


def pending(pid: int) -> set[int]:
    """The signals a suspended process has yet to see."""
    status = Path(f"/proc/{pid}/status").read_text()
    mask = 0
    for line in status.splitlines():
        if line.startswith(("ShdPnd:", "SigPnd:")):
            mask |= int(line.split()[1], 16)
    return {number for number in range(1, 65) if mask >> (number - 1) & 1}
