"""One line per request, that says nothing of the person."""

import logging

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.coachdash.conftest import LogIn


def line_of(caplog: pytest.LogCaptureFixture) -> logging.LogRecord:
    """The one line about a request."""
    (line,) = (one for one in caplog.records if one.name == "coachdash.requests")
    return line


@pytest.fixture(autouse=True)
def _all_lines(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")


def test_a_request_is_one_line_with_its_end_and_its_duration(
    alice: User, log_in: LogIn, caplog: pytest.LogCaptureFixture
) -> None:
    response = log_in(alice).get("/dashboard/?sort=-points&q=alice@example.org")

    line = line_of(caplog)
    fields = line.__dict__
    assert line.getMessage() == "GET /dashboard/"
    assert (fields["method"], fields["path"], fields["status"]) == ("GET", "/dashboard/", response.status_code)
    assert fields["duration_ms"] > 0
    assert "alice" not in str(fields)


def test_a_request_keeps_the_name_that_a_proxy_gave_it() -> None:
    assert Client().get("/login/", headers={"X-Request-ID": "abc-123"}).headers["X-Request-ID"] == "abc-123"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a\r\nSet-Cookie: b=c", "ä"])
def test_a_name_that_is_none_is_replaced(given: str) -> None:
    name = Client().get("/login/", headers={"X-Request-ID": given}).headers["X-Request-ID"]

    assert name != given
    assert len(name) == 32


def test_an_address_with_a_line_break_is_still_one_line(caplog: pytest.LogCaptureFixture, db: None) -> None:
    Client().get("/nothing%0aERROR all is lost/")

    assert line_of(caplog).getMessage() == "GET /nothing%0AERROR%20all%20is%20lost/"


def test_probes_are_not_worth_a_line(caplog: pytest.LogCaptureFixture) -> None:
    Client().get("/health/live")

    assert not [one for one in caplog.records if one.name == "coachdash.requests"]
