"""Several writers at once: one chain without gaps and forks, and nobody waits for ever."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from jobqueue import operations
from jobqueue.audit import verify
from jobqueue.states import Status
from tests.jobqueue.audited import ALICE, entries, note
from tests.jobqueue.factories import make_jobs
from tests.jobqueue.threads import beside, in_threads, until_one_waits_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)


def test_many_writers_make_one_chain_though_some_roll_back() -> None:
    def write(thread: int) -> None:
        for n in range(20):
            with transaction.atomic():
                note(f"{thread}-{n}")
                if n % 3 == 0:
                    transaction.set_rollback(True)

    in_threads(6, write)

    verdict = verify()
    assert verdict.is_intact
    assert verdict.entries == verdict.head_number == 6 * 13
    assert len({entry.object_id for entry in entries()}) == 6 * 13


def test_a_writer_waits_until_the_one_before_has_committed() -> None:
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            note("first")
            second = beside(pool, lambda: note("second"))
            until_one_waits_for_a_lock()
            assert not second.done()
        second.result()

    assert [entry.object_id for entry in entries()] == ["first", "second"]


def test_a_writer_that_waited_for_one_that_rolled_back_takes_its_number() -> None:
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            note("first")
            second = beside(pool, lambda: note("second"))
            until_one_waits_for_a_lock()
            transaction.set_rollback(True)
        second.result()

    assert [(entry.number, entry.object_id) for entry in entries()] == [(1, "second")]


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_stricter_transaction_that_cannot_see_the_last_entry_fails_to_be_retried(level: str) -> None:
    def write_late() -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
                cursor.execute("SELECT 1")
            with ThreadPoolExecutor(1) as pool:
                beside(pool, lambda: note("meanwhile")).result()
            note("late")

    note("before")
    with pytest.raises(OperationalError, match="could not serialize access"):
        write_late()

    assert [entry.object_id for entry in entries()] == ["before", "meanwhile"]
    assert verify().is_intact


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_stricter_transaction_alone_writes_as_any_other(level: str) -> None:
    note("before")
    with transaction.atomic():
        connection.cursor().execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        note("one")
        note("two")

    assert [entry.number for entry in entries()] == [1, 2, 3]
    assert verify().is_intact


def test_operations_on_the_same_jobs_in_any_order_do_not_lock_each_other_out() -> None:
    jobs = [job.pk for job in make_jobs(10, Status.FAILED)]

    def operate(thread: int) -> None:
        for n in range(10):
            mine = jobs if (thread + n) % 2 else jobs[::-1]
            operations.retry(mine, ALICE)
            operations.cancel(mine[:1], ALICE, "changed my mind")
            operations.cancel(mine, ALICE)

    in_threads(4, operate)

    verdict = verify()
    assert (verdict.is_intact, verdict.entries) == (True, 4 * 10 * 3)
