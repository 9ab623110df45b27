import os
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from coachdash.postgres import locks
from coachdash.postgres.paths import CHECKOUT

from .processes import eventually


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Where a lock may be made."""
    return tmp_path / "some.lock"


def test_many_may_share_and_one_alone_may_exclude(lock: Path) -> None:
    first, second = locks.shared(lock), locks.shared(lock)
    assert locks.try_exclusive(lock) is None
    os.close(first)
    os.close(second)

    with locks.held(lock):
        assert locks.is_held(lock)
        assert locks.try_exclusive(lock) is None
    assert not locks.is_held(lock)


def test_shared_users_do_not_make_it_held(lock: Path) -> None:
    user = locks.shared(lock)
    assert not locks.is_held(lock)
    os.close(user)


def test_a_killed_process_releases_it(lock: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from coachdash.postgres import locks; "
        "locks.exclusive(Path(sys.argv[1])); print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(lock)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert locks.is_held(lock)
        holder.kill()
        os.close(locks.exclusive(lock))


def test_a_file_replaced_while_somebody_waits_is_not_the_lock_any_more(lock: Path) -> None:
    holder = locks.exclusive(lock)
    waiting: list[int] = []
    waiter = threading.Thread(target=lambda: waiting.append(locks.exclusive(lock)))
    waiter.start()
    assert eventually(lambda: [file.path for file in psutil.Process().open_files()].count(str(lock)) == 2)
    lock.rename(lock.with_name("old"))
    replacement = locks.exclusive(lock)
    os.close(holder)
    os.close(replacement)
    waiter.join()

    assert locks.is_current(waiting[0], lock)
    os.close(waiting[0])


def test_a_link_in_its_place_is_not_followed(lock: Path, tmp_path: Path) -> None:
    lock.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        locks.exclusive(lock)
    assert not (tmp_path / "elsewhere").exists()
