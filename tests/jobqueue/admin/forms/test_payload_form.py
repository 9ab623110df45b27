"""The form that is made from a payload type."""

from datetime import date
from typing import Any

import msgspec
import pytest
from django.http import QueryDict

from jobqueue.admin.forms.payload_form import PayloadForm
from jobqueue.payloads import Payload
from jobqueue.registry import registry
from tests.jobqueue.sample.reports import Report


def form(values: dict[str, Any] | None = None, **posted: Any) -> PayloadForm:
    """The form of reports; posted if there are values to post."""
    data = QueryDict(mutable=True)
    for name, value in posted.items():
        data.setlist(f"payload-{name}", value if isinstance(value, list) else [value])
    return PayloadForm(Report, data if posted else None, values=values, stored=values)


def kinds(shown: PayloadForm) -> dict[str, str]:
    """The kind of form field for each of the payload's."""
    return {name: type(field).__name__ for name, field in shown.fields.items()}


UNTOUCHED: dict[str, Any] = {"sections": ["solves", "events"], "parallel": "on", "title": "May"}


def test_each_kind_of_value_has_its_own_kind_of_field() -> None:
    assert kinds(form()) == {
        "title": "CharField",
        "sections": "TypedMultipleChoiceField",
        "paper": "TypedChoiceField",
        "copies": "IntegerField",
        "scale": "FloatField",
        "parallel": "BooleanField",
        "inColour": "TypedChoiceField",
        "since": "DateField",
        "notBefore": "_DateTimeField",
        "team": "UUIDField",
        "organizationId": "IntegerField",
        "coachId": "IntegerField",
        "apiToken": "CharField",
        "extra": "RawJSONField",
    }


def test_every_registered_task_type_has_a_form_that_shows_its_defaults() -> None:
    for task_type in registry:
        PayloadForm(task_type.payload_type, values={}).as_div()


def test_labels_are_words_and_the_help_is_the_json_name_with_its_bounds() -> None:
    shown = form()
    assert shown["inColour"].label == "In colour"
    assert shown["coachId"].label == "Coach ID"
    assert "<code>copies</code> · 1 to 9" in shown["copies"].help_text
    assert "Printed on top." in shown["title"].help_text


def test_what_is_the_default_is_not_written() -> None:
    posted = form(**UNTOUCHED, copies="1", paper="a4", inColour="")
    assert posted.is_valid()
    assert posted.payload() == {"title": "May"}


def test_what_differs_from_the_default_is_written_as_json() -> None:
    posted = form(
        title="May",
        sections=["teams"],
        paper="letter",
        copies="3",
        scale="0.5",
        inColour="false",
        since="2026-05-01",
        notBefore="2026-05-02T08:00:30",
        team="0b6a3b3e-6f0e-4a83-93a1-0c5b7c3e8b11",
        extra='{"a": [1, null]}',
    )
    assert posted.is_valid()
    payload = posted.payload()
    assert payload == {
        "title": "May",
        "sections": ["teams"],
        "paper": "letter",
        "copies": 3,
        "scale": 0.5,
        "parallel": False,
        "inColour": False,
        "since": "2026-05-01",
        "notBefore": "2026-05-02T08:00:30Z",
        "team": "0b6a3b3e-6f0e-4a83-93a1-0c5b7c3e8b11",
        "extra": {"a": [1, None]},
    }
    assert msgspec.convert(payload, Report).since == date(2026, 5, 1)


def test_what_is_stored_though_it_is_the_default_stays_written() -> None:
    stored = {"title": "May", "copies": 1, "parallel": True, "since": None, "sections": ["events", "solves"]}
    assert PayloadForm(Report).can_show(stored)
    posted = PayloadForm(
        Report,
        QueryDict(
            "payload-title=May&payload-copies=1&payload-parallel=on&payload-sections=solves&payload-sections=events"
        ),
        stored=stored,
    )
    assert posted.is_valid()
    assert posted.payload() == stored


def test_a_value_that_is_taken_away_is_absent() -> None:
    posted = form({"title": "May", "scale": 1.5}, **UNTOUCHED, scale="")
    assert posted.is_valid()
    assert posted.payload() == {"title": "May"}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("title", "", "required"),
        ("title", "x" * 41, "at most 40"),
        ("title", "a\0b", "Null characters"),
        ("copies", "10", "less than or equal to 9"),
        ("copies", "many", "whole number"),
        ("scale", "nan", "number"),
        ("sections", ["letters"], "not one of the available choices"),
        ("paper", "a0", "not one of the available choices"),
        ("since", "yesterday", "valid date"),
        ("team", "the first", "valid UUID"),
        ("extra", "{", "not JSON"),
        ("extra", "[" * 50_000, "nested too deeply"),
        ("extra", "x" * 1_000_000, "too long"),
    ],
)
def test_a_wrong_value_is_told_at_its_field(name: str, value: Any, told: str) -> None:
    posted = form(**{**UNTOUCHED, name: value})
    assert not posted.is_valid()
    assert told in " ".join(map(str, posted.errors[name]))
    assert list(posted.errors) == [name]


def test_what_the_payload_type_refuses_is_told_at_its_field() -> None:
    posted = form(**UNTOUCHED)
    assert posted.is_valid()
    assert posted.take("Expected `int` <= 9 - at `$.copies`")
    assert posted.take("Invalid enum value 'q' - at `$.sections[0]`")
    assert posted.take("Object missing required field `title`")
    assert not posted.take("Nine copies need A4")
    assert posted.errors["copies"] == ["Expected `int` <= 9"]
    assert set(posted.errors) == {"copies", "sections", "title"}


@pytest.mark.parametrize(
    "payload",
    [
        {"title": "May", "unknown": 1},
        {"title": "two\nlines"},
        {"title": " spaced "},
        {"title": ""},
        {"title": 4},
        {"title": "May", "sections": ["solves", "solves"]},
        {"title": "May", "copies": None},
        {"title": "May", "notBefore": "2026-05-02T08:00:00.5Z"},
        ["title"],
        "title",
    ],
)
def test_a_payload_that_the_fields_would_change_is_not_shown_in_them(payload: Any) -> None:
    assert not PayloadForm(Report).can_show(payload)


def test_a_payload_of_every_field_comes_through_the_form_unchanged() -> None:
    payload = {
        "title": "May",
        "sections": ["teams"],
        "paper": "letter",
        "copies": 9,
        "scale": 2.0,
        "parallel": False,
        "inColour": True,
        "since": "2026-05-01",
        "notBefore": "2026-05-02T10:00:00+02:00",
        "team": "0b6a3b3e-6f0e-4a83-93a1-0c5b7c3e8b11",
        "coachId": 7,
        "extra": {"a": {"b": None}},
    }
    shown = PayloadForm(Report, values=payload)
    assert shown.can_show(payload)
    data = QueryDict(mutable=True)
    for field in shown:
        value = field.value()
        if value not in (None, False):
            data.setlist(field.html_name, value if isinstance(value, list) else [str(value)])
    posted = PayloadForm(Report, data, stored=payload)
    assert posted.is_valid()
    assert posted.payload() == payload


def test_a_secret_is_not_shown_and_stays_when_left_empty() -> None:
    stored = {"title": "May", "apiToken": "s3cret-value"}
    assert "s3cret-value" not in PayloadForm(Report, values=stored, stored=stored).as_div()
    assert form(stored, **UNTOUCHED, apiToken="").entered() == stored
    assert form(stored, **UNTOUCHED, apiToken="another-one").entered()["apiToken"] == "another-one"
    assert "another-one" not in form(stored, **UNTOUCHED, apiToken="another-one").as_div()


def test_fields_that_are_set_elsewhere_are_left_out() -> None:
    shown = PayloadForm(Report, without={"coach_id", "organization_id"})
    assert not {"coachId", "organizationId"} & shown.fields.keys()


def test_values_with_markup_are_escaped_everywhere() -> None:
    class Marked(Payload, frozen=True):
        text: str = "<b>default</b>"
        marks: "tuple[str, ...]" = ()

    html = PayloadForm(Marked, values={"text": "<script>"}).as_div()
    assert "<script>" not in html
    assert "<b>" not in html


def test_values_of_another_type_fit_where_the_field_can_show_them() -> None:
    values = {"title": "May", "copies": 10, "paper": "letter", "limit": 4}
    assert PayloadForm(Report).showable(values) == {"title": "May", "paper": "letter"}
