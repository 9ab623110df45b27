"""Payloads on their way from a caller's value to JSON."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobqueue.payloads import NoPayload, Payload, to_json


class Sync(Payload, frozen=True):
    account_ids: list[int]
    dry_run: bool = False
    note: str = ""
    share: float = 0.0


class Rich(Payload, frozen=True):
    moment: datetime
    day: date
    span: timedelta
    amount: Decimal
    key: UUID
    by_number: dict[int, str]
    data: bytes


class Loose(Payload, frozen=True):
    anything: Any = None


def test_json_names_are_camel_case() -> None:
    assert json.loads(to_json(Sync(account_ids=[1]), Sync)) == {
        "accountIds": [1],
        "dryRun": False,
        "note": "",
        "share": 0.0,
    }


def test_a_mapping_by_json_names_fits_as_well_as_an_instance() -> None:
    assert to_json({"accountIds": [1, 2], "dryRun": True}, Sync) == to_json(
        Sync(account_ids=[1, 2], dry_run=True), Sync
    )


def test_values_of_every_type_come_back_as_they_were() -> None:
    payload = Rich(
        moment=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
        day=date(2026, 1, 2),
        span=timedelta(minutes=3),
        amount=Decimal("1.10"),
        key=UUID(int=7),
        by_number={1: "one"},
        data=b"\0\xff",
    )

    assert msgspec.json.decode(to_json(payload, Rich), type=Rich) == payload


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ({"accountIds": [1], "dryrun": True}, "unknown field `dryrun`"),
        ({"account_ids": [1]}, "unknown field `account_ids`"),
        ({}, "missing required field `accountIds`"),
        ({"accountIds": "1"}, r"Expected `array`, got `str` - at `\$.accountIds`"),
        ({"accountIds": [1, "2"]}, r"Expected `int`, got `str` - at `\$.accountIds\[1\]`"),
        ({"accountIds": [], "dryRun": 1}, r"Expected `bool`, got `int` - at `\$.dryRun`"),
        ({"accountIds": [], "note": None}, r"Expected `str`, got `null` - at `\$.note`"),
        ({1: 2}, "Expected `str` - at `key`"),
        ([1], "Expected Sync or a mapping, got list"),
        ("{}", "Expected Sync or a mapping, got str"),
        (NoPayload(), "Expected Sync or a mapping, got NoPayload"),
        (Sync(account_ids=["1"]), "Expected `int`, got `str`"),  # type: ignore[list-item]
        (Sync(account_ids=[1], dry_run=None), "Expected `bool`, got `null`"),  # type: ignore[arg-type]
        ({"accountIds": [1], "note": "a\0b"}, r"cannot store the character U\+0000"),
        ({"accountIds": [1], "share": float("nan")}, r"Expected `float`, got `null` - at `\$.share`"),
        (Sync(account_ids=[1], share=float("inf")), r"Expected `float`, got `null` - at `\$.share`"),
    ],
)
def test_what_does_not_fit_is_refused_and_the_field_is_named(payload: Any, problem: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=problem):
        to_json(payload, Sync)


@pytest.mark.parametrize("text", ["\\u0000", "C:\\\\u0000", "\\", '"\\u0000"'])
def test_text_that_only_looks_like_nul_is_stored(text: str) -> None:
    assert json.loads(to_json(Loose(anything=text), Loose)) == {"anything": text}


@pytest.mark.parametrize("text", ["\0", "\\\0", "\\\\\0", "a\\u0000\0"])
def test_nul_is_found_behind_any_number_of_backslashes(text: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"U\+0000"):
        to_json(Loose(anything={"deep": [text]}), Loose)


@given(st.text())
def test_any_text_is_either_stored_as_it_is_or_refused(text: str) -> None:
    try:
        stored = to_json(Loose(anything=text), Loose)
    except (msgspec.ValidationError, UnicodeEncodeError):
        assert "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)
    else:
        assert "\0" not in text
        assert json.loads(stored) == {"anything": text}


def test_a_payload_of_nothing_takes_nothing() -> None:
    assert to_json({}, NoPayload) == "{}"
    with pytest.raises(msgspec.ValidationError, match="unknown field `x`"):
        to_json({"x": 1}, NoPayload)
