"""The payloads of the scheduled jobs: what is refused, and what joins what."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from gameplatform.payloads import CollectionAndScoringPayload, CollectionPayload
from jobqueue.exceptions import InvalidPayloadError
from jobqueue.registry import registry

CHAIN = "data_collection_and_scoring"


def key(payload: Mapping[str, object], name: str = CHAIN) -> str | None:
    task_type = registry.get(name)
    unique = task_type.unique_key(task_type.encode(payload), timezone.now())
    return unique and unique.key


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (
            {"collectors": ["solves", "grades"]},
            "'grades' is no collector: expected some of solves, events, profiles, teams",
        ),
        ({"collectors": []}, "length >= 1 - at `$.collectors`"),
        ({"collectors": "solves"}, "Expected `array`, got `str` - at `$.collectors`"),
        ({"collectors": None}, "$.collectors"),
        ({"solveLimit": 0}, "Expected `int` >= 1 - at `$.solveLimit`"),
        ({"eventLimit": -1}, "Expected `int` >= 1 - at `$.eventLimit`"),
        ({"eventLimit": "5"}, "got `str` - at `$.eventLimit`"),
        ({"parallel": "yes"}, "got `str` - at `$.parallel`"),
        ({"coachId": 0}, "Expected `int` >= 1 - at `$.coachId`"),
        ({"organizationId": 2**63}, "at `$.organizationId`"),
        ({"since": "yesterday"}, "Invalid RFC3339 encoded date - at `$.since`"),
        ({"limit": 5}, "unknown field `limit`"),
    ],
)
def test_an_impossible_payload_is_refused_with_what_would_be_right(payload: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidPayloadError) as raised:
        registry.get(CHAIN).encode(payload)

    assert said in str(raised.value)


def test_all_collectors_run_unless_some_are_chosen() -> None:
    assert CollectionPayload().collectors == ("solves", "events", "profiles", "teams")


def test_a_collector_named_twice_runs_once() -> None:
    twice = CollectionPayload(collectors=("teams", "solves", "teams"))

    assert sorted(twice.collection.collectors) == ["solves", "teams"]


def test_a_form_can_list_the_choices() -> None:
    schema: Any = msgspec.json.schema(CollectionAndScoringPayload)
    fields = schema["$defs"]["CollectionAndScoringPayload"]["properties"]

    assert fields["collectors"]["items"]["enum"] == ["solves", "events", "profiles", "teams"]
    assert list(fields) == [
        "organizationId", "coachId", "collectors", "parallel", "solveLimit", "eventLimit", "dryRun", "since", "rescore",
    ]  # fmt: skip


@pytest.mark.parametrize("same", [{}, {"parallel": False}, {"collectors": ["teams", "events", "solves", "profiles"]}])
def test_one_of_each_scope_and_collectors_waits_at_a_time(same: dict[str, object]) -> None:
    assert key({}) == key(same)


@pytest.mark.parametrize(
    "other",
    [
        {"coachId": 7},
        {"organizationId": 7},
        {"collectors": ["solves"]},
        {"solveLimit": 5},
        {"dryRun": True},
        {"since": "2026-11-01"},
        {"rescore": True},
    ],
)
def test_a_request_never_joins_one_that_does_something_else(other: dict[str, object]) -> None:
    assert key({}) != key(other)


def test_the_three_kinds_never_join_each_other() -> None:
    assert len({key({}, name) for name in ("data_collection", "scoring", CHAIN)}) == 3


def test_the_longest_request_still_has_a_key() -> None:
    longest = {"organizationId": 2**63 - 1, "coachId": 2**63 - 1, "solveLimit": 100_000, "eventLimit": 100_000}

    assert key({**longest, "since": "2026-11-01", "rescore": True, "dryRun": True})
