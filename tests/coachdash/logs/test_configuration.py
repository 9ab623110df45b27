"""One line per record: for machines as JSON, for people readable, for nobody a secret."""

import json
import logging
import sys
from typing import Any

import pytest
import structlog
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django.fixtures import Settings
from structlog.contextvars import bound_contextvars

from coachdash.logs.configuration import configure_structlog, logging_config
from jobqueue.executor import masking
from jobqueue.redaction import MASK


@pytest.fixture(autouse=True)
def _as_before_any_job(monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests run jobs in this process, whose secrets it goes on to mask.
    monkeypatch.setattr(masking, "_payload", None)


def written(format_: str, record: logging.LogRecord) -> str:
    """The line that the configured formatter makes of a record."""
    given = dict(logging_config(format_=format_, level="INFO")["formatters"]["structured"])
    formatter: logging.Formatter = given.pop("()")(**given)
    return formatter.format(record)


def record(message: str, *arguments: object, level: int = logging.INFO, **extra: Any) -> logging.LogRecord:
    """A record as `logging` makes it."""
    return logging.getLogger("some.where").makeRecord(
        "some.where", level, __file__, 1, message, arguments, None, extra=extra
    )


def as_json(message: str, *arguments: object, **extra: Any) -> dict[str, Any]:
    """The fields of its line in production."""
    line = written("json", record(message, *arguments, **extra))
    assert "\n" not in line
    fields: dict[str, Any] = json.loads(line)
    return fields


def test_a_line_of_production_is_json_with_time_level_and_logger() -> None:
    fields = as_json("Counted %d sheep", 3)

    assert fields.pop("timestamp").endswith("Z")
    assert fields == {"event": "Counted 3 sheep", "level": "info", "logger": "some.where"}


def test_the_job_and_the_request_that_it_is_about_are_fields() -> None:
    with bound_contextvars(request_id="r-1"):
        fields = as_json("Here", job_id="0199", job_type="greet", attempt=2)

    assert (fields["job_id"], fields["job_type"], fields["attempt"]) == ("0199", "greet", 2)
    assert fields["request_id"] == "r-1"


def test_a_line_of_development_is_readable() -> None:
    line = written("console", record("Counted %d sheep", 3, job_type="count"))

    assert "Counted 3 sheep" in line
    assert "job_type=count" in line
    assert not line.startswith("{")


def test_secrets_are_masked_wherever_they_stand(settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SECRETS": ["xyzzy-plugh"]}

    fields = as_json(
        "Sent xyzzy-plugh, Bearer abcdef0123", password="hunter2", nested={"apiKey": "k", "url": "xyzzy-plugh"}
    )

    assert fields["event"] == f"Sent {MASK}, Bearer {MASK}"
    assert fields["password"] == MASK
    assert fields["nested"] == {"apiKey": MASK, "url": MASK}


def test_a_traceback_is_kept_without_secrets_and_without_the_values_of_variables() -> None:
    local_value = "nobody-logs-me"
    try:
        raise ValueError(f"password={len(local_value)}hunter2")
    except ValueError:
        one = record("Failed", level=logging.ERROR)
        one.exc_info = sys.exc_info()

    fields = json.loads(written("json", one))

    assert "ValueError: password=" in fields["exception"]
    assert "hunter2" not in fields["exception"]
    assert "nobody-logs-me" not in fields["exception"].replace('local_value = "nobody-logs-me"', "")


def test_djangos_own_records_do_not_take_the_request_along() -> None:
    request: HttpRequest = RequestFactory().get("/jobs/?q=alice@example.org")

    fields = as_json("Not Found: %s", request.path, request=request, status_code=404)

    assert "alice" not in json.dumps(fields)
    assert fields["status_code"] == 404


def test_what_is_no_json_becomes_text() -> None:
    assert as_json("x", error=ValueError("Bearer abcdef0123"))["error"] == f"Bearer {MASK}"


def test_structlogs_own_loggers_write_through_the_standard_library(caplog: pytest.LogCaptureFixture) -> None:
    configure_structlog()
    with caplog.at_level("INFO"):
        structlog.get_logger("some.where").info("Counted", sheep=3)

    (one,) = caplog.records
    assert (one.name, one.getMessage(), one.__dict__["sheep"]) == ("some.where", "Counted", 3)
