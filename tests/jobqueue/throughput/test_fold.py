"""Minutes become tens of minutes, and what there ever was stays."""

from datetime import timedelta

import pytest
from django.db import connection

from jobqueue import housekeeping
from jobqueue.models import Throughput
from jobqueue.throughput import fold, forget, totals
from jobqueue.throughput.fold import EVER, FOLDED
from tests.jobqueue.threads import in_threads

from .rows import minutes_ago, ran

pytestmark = pytest.mark.django_db


def test_the_last_hour_stays_by_minutes() -> None:
    for minutes in (0, 30, 60):
        ran(minutes_ago(minutes))

    assert fold() == 0
    assert Throughput.objects.filter(slot__gte=0).count() == 3


def test_minutes_and_workers_become_one_row_of_ten_minutes() -> None:
    start = minutes_ago(180)
    start -= timedelta(minutes=start.minute % 10)
    ran(start, 2, longest=3.0)
    ran(start, 3, slot=8, longest=1.0, longest_wait=9.0)
    ran(start + timedelta(minutes=9), 5)
    ran(start + timedelta(minutes=9), 1, outcome="error", status="dead")

    assert fold() == 4
    good = Throughput.objects.get(slot=FOLDED, outcome="succeeded")
    assert (good.start, good.count, good.seconds, good.waited, good.wait_seconds) == (start, 10, 10.0, 10, 5.0)
    assert (good.longest, good.longest_wait, good.durations[4]) == (3.0, 9.0, 10)
    assert Throughput.objects.get(slot=FOLDED, outcome="error").count == 1


def test_what_comes_late_is_added_to_what_was_folded() -> None:
    for _ in range(2):
        ran(minutes_ago(200), 4)
        fold()

    assert Throughput.objects.get(slot=FOLDED).count == 8
    assert Throughput.objects.get(slot=EVER).count == 8


def test_counters_never_go_back() -> None:
    for minutes in (0, 90, 60 * 24 * 20):
        ran(minutes_ago(minutes), 3)

    for change in (lambda: None, fold, lambda: forget(timedelta(days=14)), fold):
        change()
        (total,) = totals()
        assert (total.count, total.seconds, sum(total.durations)) == (9, 9.0, 9)
    assert Throughput.objects.filter(slot=FOLDED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_that_fold_at_once_count_nothing_twice() -> None:
    for slot in range(50):
        ran(minutes_ago(100), 2, slot=slot)

    assert sum(in_threads(4, lambda _: fold())) == 50
    assert Throughput.objects.get(slot=FOLDED).count == 100
    assert Throughput.objects.get(slot=EVER).count == 100


def test_upkeep_folds() -> None:
    ran(minutes_ago(100))

    housekeeping.keep()

    assert not Throughput.objects.filter(slot__gte=0).exists()


def test_a_fold_reads_only_what_it_folds() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT FROM jobqueue_throughput WHERE slot >= 0 AND start < now()")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "throughput_unfolded" in plan
