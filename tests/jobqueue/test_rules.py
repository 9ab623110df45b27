"""The keys by which jobs are duplicates of each other, or share places."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec
import pytest

from jobqueue.exceptions import ConfigurationError
from jobqueue.registry import Concurrency, Payload, Unique
from jobqueue.states import Status

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Kind(Enum):
    SMALL = "small"


class Parcel(Payload, frozen=True):
    text: str = ""
    number: int | None = None
    is_urgent: bool = False
    kind: Kind = Kind.SMALL
    due: datetime | None = None
    stops: list[int] = []
    labels: frozenset[str] = frozenset()
    owner: UUID | None = None
    notes: dict[str, int] = {}


def _parcel(json: str) -> Parcel:
    return msgspec.json.decode(json, type=Parcel)


def _key(*by: str, **fields: Any) -> str | None:
    return Unique(by=by).key("send", Parcel(**fields), NOON)


class TestKeysOfFields:
    def test_jobs_that_agree_in_the_fields_have_the_same_key_whatever_the_others_say(self) -> None:
        assert _key("text", "number", text="a", number=1) == _key("text", "number", text="a", number=1, is_urgent=True)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"number": 1}, {"number": None}),
            ({"number": 1}, {"number": 11}),
            ({"text": "1"}, {"number": 1}),
            ({"text": ""}, {"text": "null"}),
            ({"text": 'a:"b'}, {"text": 'a":b'}),
            ({"is_urgent": True}, {"number": 1}),
            ({"due": NOON}, {"due": NOON + timedelta(seconds=1)}),
            ({"stops": [1, 2]}, {"stops": [2, 1]}),
            ({"stops": [1, 2]}, {"stops": [12]}),
            ({"owner": UUID(int=1)}, {"owner": UUID(int=2)}),
        ],
    )
    def test_jobs_that_differ_in_one_have_another(self, one: dict[str, Any], other: dict[str, Any]) -> None:
        fields = Parcel.__struct_fields__

        assert _key(*fields, **one) != _key(*fields, **other)

    def test_a_key_is_made_of_values_not_of_how_python_shows_them(self) -> None:
        fields = ("text", "number", "is_urgent", "kind", "due", "stops")

        assert _key(*fields, text="ä", due=NOON, stops=[1]) == 'send:"ä":null:false:"small":"2026-03-01T12:00:00Z":[1]'

    def test_the_order_in_which_a_set_or_a_mapping_was_written_does_not_matter(self) -> None:
        rule = Unique(by=["labels", "notes"])
        one = _parcel('{"labels": ["a", "b", "c", "d"], "notes": {"x": 1, "y": 2}}')
        other = _parcel('{"notes": {"y": 2, "x": 1}, "labels": ["d", "c", "b", "a"]}')

        assert rule.key("send", one, NOON) == rule.key("send", other, NOON)

    def test_without_fields_there_is_one_key_for_the_task_type(self) -> None:
        assert _key() == "send"
        assert Concurrency().key("send", Parcel()) == "send"

    def test_one_field_may_be_given_as_a_text(self) -> None:
        assert Unique(by="number").key("send", Parcel(number=3), NOON) == "send:3"

    @pytest.mark.parametrize("rule", [Unique(by=["text"]), Unique(by=["text"], period=timedelta(hours=1))])
    def test_a_long_key_is_told_by_its_hash(self, rule: Unique) -> None:
        keys = [rule.key("send", Parcel(text="x" * 1_000 + end), NOON) for end in ("a", "a", "b")]

        assert keys[0] == keys[1]
        assert len(set(keys)) == 2
        assert all(key is not None and len(key) == 255 and key.startswith('send:"xxx') for key in keys)

    def test_a_key_of_just_255_characters_stays_as_it_is(self) -> None:
        key = _key("text", text="x" * 248)

        assert key == f'send:"{"x" * 248}"'
        assert len(_key("text", text="x" * 249) or "") == 255


class TestKeysOfFunctions:
    def test_a_function_gives_the_key_itself_or_none(self) -> None:
        rule = Concurrency(by=lambda payload: payload.text or None)

        assert rule.key("send", Parcel(text="mail")) == "mail"
        assert rule.key("send", Parcel()) is None

    def test_one_that_gives_something_else_is_an_error(self) -> None:
        with pytest.raises(TypeError, match="expected text or None, got int"):
            Unique(by=lambda payload: payload.number).key("send", Parcel(number=1), NOON)


class TestPeriods:
    rule = Unique(by=["number"], period=timedelta(hours=1))

    def _at(self, moment: datetime) -> str | None:
        return self.rule.key("send", Parcel(number=1), moment)

    def test_jobs_of_one_period_of_the_clock_are_duplicates_and_those_of_two_are_not(self) -> None:
        assert self._at(NOON) == self._at(NOON + timedelta(minutes=59, seconds=59))
        assert self._at(NOON) != self._at(NOON + timedelta(hours=1))
        assert self._at(NOON) != self._at(NOON - timedelta(seconds=1))

    def test_a_function_that_sets_no_limit_sets_none_in_any_period(self) -> None:
        assert Unique(by=lambda _: None, period=timedelta(hours=1)).key("send", Parcel(), NOON) is None


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"by": 5}, "by is 5: expected names"),
        ({"by": ["a", 5]}, "by is .*: expected names"),
        ({"by": ["a", ""]}, "by is .*: expected names"),
        ({"states": []}, "states is .*: expected one or more of pending, "),
        ({"states": ["waiting"]}, "states is .*: expected one or more of pending, "),
        ({"states": "pending"}, "states is 'pending': expected one or more"),
        ({"period": timedelta()}, "period is .*: expected a timedelta of more than nothing"),
        ({"period": 60}, "period is 60: expected a timedelta"),
    ],
)
def test_an_impossible_rule_of_uniqueness_is_refused_where_it_is_written(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        Unique(**options)


@pytest.mark.parametrize("limit", [0, -1, 32_768, 1.5, "2", True])
def test_an_impossible_limit_is_refused_where_it_is_written(limit: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"limit is .*: expected 1 to 32767"):
        Concurrency(limit=limit)


def test_any_state_may_count_in_any_spelling_of_it() -> None:
    assert Unique(states=[Status.SUCCEEDED, "dead"]).states  # type: ignore[list-item]
