"""The threads that run synchronous code of async handlers."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future

import pytest
from django.db import connection

from jobqueue.exceptions import JobCancelled
from jobqueue.executor.leftovers import drop_connections
from jobqueue.executor.threads import Threads
from tests.jobqueue.worker.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pool() -> Iterator[Threads]:
    with Threads() as pool:
        yield pool


@pytest.fixture
def single() -> Iterator[Threads]:
    with Threads(1, keeps_connections=True) as single:
        yield single
        single.submit(drop_connections).result()


def _session() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _session_in_a_transaction() -> int:
    connection.set_autocommit(False)
    return _session()


def _autocommits() -> bool:
    return connection.get_autocommit()


def _is_open(session: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [session])
        return bool(cursor.fetchone()[0])


def _loop(began: threading.Event) -> None:
    began.set()
    while True:
        time.sleep(0.001)


def _sleep_in_the_database(began: threading.Event) -> None:
    with connection.cursor() as cursor:
        began.set()
        cursor.execute("SELECT pg_sleep(300)")


def test_a_call_leaves_no_connection_open(pool: Threads) -> None:
    session = pool.submit(_session).result()

    eventually(lambda: not _is_open(session), "its connection is closed")


def test_a_single_thread_keeps_its_connection_for_the_next_job(single: Threads) -> None:
    sessions = []
    for _ in range(3):
        sessions.append(single.submit(_session).result())
        single.settle()
        single.tidy()

    assert len(set(sessions)) == 1
    assert _is_open(sessions[0])


def test_a_transaction_left_open_is_not_kept(single: Threads) -> None:
    session = single.submit(_session_in_a_transaction).result()
    single.settle()
    single.tidy()

    eventually(lambda: not _is_open(session), "its connection is closed")
    assert single.submit(_autocommits).result()


@pytest.mark.parametrize("work", [_loop, _sleep_in_the_database])
def test_what_runs_can_be_interrupted(pool: Threads, work: type) -> None:
    began = threading.Event()
    future: Future[None] = pool.submit(work, began)
    began.wait()

    eventually(lambda: _interrupt_until_done(pool, future), "the call ends")

    with pytest.raises(JobCancelled):
        future.result()


def _interrupt_until_done(pool: Threads, future: Future[None]) -> bool:
    # The query may not have reached the server at the first call.
    pool.interrupt(JobCancelled)
    return future.done()


def test_interrupting_threads_that_rest_does_nothing_to_later_calls(pool: Threads) -> None:
    assert pool.submit(int, "1").result() == 1
    pool.settle()
    pool.interrupt(JobCancelled)

    assert pool.submit(int, "2").result() == 2


def test_settling_waits_until_nothing_runs(pool: Threads) -> None:
    done: list[int] = []

    def work() -> None:
        time.sleep(0.05)
        done.append(1)

    pool.submit(work)
    pool.settle()

    assert done == [1]
