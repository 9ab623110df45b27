"""Job ids."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import RFC_4122

import time_machine
from hypothesis import given
from hypothesis import strategies as st

from jobqueue.ids import first_id_at, uuid7


def test_an_id_is_a_uuid_of_version_7() -> None:
    for _ in range(1_000):
        id_ = uuid7()
        assert (id_.version, id_.variant) == (7, RFC_4122)


def test_ids_of_one_thread_grow_strictly_however_fast_they_are_made() -> None:
    ids = [uuid7() for _ in range(20_000)]

    assert all(earlier < later for earlier, later in pairwise(ids))
    assert [str(id_) for id_ in ids] == sorted(str(id_) for id_ in ids)


def test_ids_of_many_threads_differ() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = pool.map(lambda _: {uuid7() for _ in range(5_000)}, range(4))

    assert len(set().union(*made)) == 20_000


def test_ids_still_grow_when_the_clock_is_set_back() -> None:
    before = uuid7()
    with time_machine.travel(datetime(2020, 1, 1, tzinfo=UTC)):
        after = uuid7()

    assert after > before


def test_an_id_begins_with_its_time() -> None:
    before = datetime.now(UTC)
    id_ = uuid7()

    made = datetime.fromtimestamp((id_.int >> 80) / 1000, UTC)
    assert before - timedelta(milliseconds=1) <= made <= datetime.now(UTC) + timedelta(milliseconds=1)


@given(st.datetimes(datetime(1970, 1, 2), datetime(9999, 1, 1)))  # noqa: DTZ001  hypothesis gives naive bounds
def test_the_first_id_of_a_moment_lies_between_those_before_and_after(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)

    assert first_id_at(moment) < first_id_at(moment + timedelta(milliseconds=2))
    assert first_id_at(moment) > first_id_at(moment - timedelta(milliseconds=2))


def test_ids_made_now_lie_after_the_first_id_of_a_moment_ago() -> None:
    assert first_id_at(datetime.now(UTC) - timedelta(milliseconds=5)) < uuid7()
    assert uuid7() < first_id_at(datetime.now(UTC) + timedelta(seconds=5))
