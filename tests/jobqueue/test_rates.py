"""Rate limits: exact over any number of processes, and generous to bursts."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobqueue.cleanup import forget_ended
from jobqueue.models import CallRate
from jobqueue.rates import Rate, network_of, take
from tests.jobqueue.threads import in_threads

FIVE = Rate(calls=5, per=timedelta(minutes=1))
pytestmark = pytest.mark.django_db


def test_the_whole_allowance_may_be_used_at_once() -> None:
    assert [take("alice", FIVE).is_allowed for _ in range(7)] == [True] * 5 + [False] * 2


def test_who_is_refused_hears_when_to_come_back() -> None:
    for _ in range(5):
        take("alice", FIVE)
    assert 11 < take("alice", FIVE).wait <= 12  # a fifth of a minute, less what has passed


def test_callers_do_not_share() -> None:
    for _ in range(6):
        take("alice", FIVE)
    assert take("bob", FIVE).is_allowed


def test_time_gives_back_share_by_share() -> None:
    rate = Rate(calls=5, per=timedelta(seconds=0.5))
    for _ in range(6):
        take("alice", rate)
    time.sleep(0.11)
    assert [take("alice", rate).is_allowed for _ in range(2)] == [True, False]


def test_the_next_allowed_call_tells_how_many_were_refused_before_it() -> None:
    rate = Rate(calls=1, per=timedelta(seconds=0.2))
    assert [take("alice", rate).is_allowed for _ in range(4)] == [True, False, False, False]
    time.sleep(0.21)
    taken = take("alice", rate)
    assert taken.is_allowed
    assert taken.refused_before == 3


@pytest.mark.django_db(transaction=True)
def test_callers_at_once_share_one_allowance() -> None:
    taken = in_threads(12, lambda _: take("alice", FIVE))
    assert sum(one.is_allowed for one in taken) == 5


def test_a_call_is_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        take("alice", FIVE)


def test_the_table_is_not_logged() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'jobqueue_callrate'")
        assert cursor.fetchone() == ("u",)


def test_what_says_nothing_any_more_is_forgotten() -> None:
    take("alice", FIVE)
    CallRate.objects.create(key="bob", free_at=timezone.now() - timedelta(days=2))
    forget_ended()
    assert [rate.key for rate in CallRate.objects.all()] == ["alice"]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_an_address_counts_for_what_its_caller_has(address: str, network: str) -> None:
    assert network_of(address) == network
