"""Whatever goes wrong under /api/ is told in one JSON shape, with what was expected."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django.fixtures import Settings

from jobqueue.models import Job
from tests.jobqueue.http.calling import Api

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "The body is no JSON"),
        (b'{"taskType": NaN}', 400, "The body is no JSON"),
        (b'{"taskType": "\xff"}', 400, "The body is no JSON"),
        (b'{"taskType": "\\ud800"}', 400, "The body is no JSON"),
        (b"[" * 100_000, 400, "The body is no JSON"),
        (b"[]", 422, "The body is a list: expected an object"),
        (b"null", 422, "The body is null: expected an object"),
        (b'{"taskType": "no\\u0000op"}', 422, "U+0000"),
        (b"", 422, "it is missing"),
        (b"{}", 422, "taskType: it is missing."),
        (b'{"taskType": "noop", "colour": "red"}', 422, "colour: there is no such field."),
        (b'{"taskType": "noop", "maxAttempts": "3"}', 422, "maxAttempts: expected a valid integer."),
        (b'{"taskType": "noop", "maxAttempts": true}', 422, "maxAttempts: expected a valid integer."),
        (b'{"taskType": "noop", "maxAttempts": 1e400}', 400, "The body is no JSON"),
        (b'{"taskType": "noop", "maxAttempts": 99999999999999999999999}', 422, "maxAttempts: expected less than"),
        (b'{"taskType": "noop", "runAt": "tomorrow"}', 422, "runAt: expected a time with a time zone"),
        (b'{"taskType": "noop", "runAt": "9999-12-31T23:59:59-12:00"}', 422, "runAt: it is too far away"),
        (b'{"taskType": "noop", "runAt": 0}', 422, "runAt: expected a time with a time zone"),
        (b'{"taskType": "noop", "runAt": "2030-01-01T00:00:00"}', 422, "runAt: expected a time with a time zone"),
        (b'{"taskType": "noop", "payload": {"x": 1}}', 422, "unknown field `x`"),
        (b'{"taskType": "nope"}', 422, "Known task types:"),
        (b'{"taskType": "noop", "dependsOn": ["x"]}', 422, "dependsOn.0: expected a valid UUID"),
        (b'{"taskType": "noop", "priority": "URGENT"}', 422, "expected one of LOW, NORMAL, HIGH, CRITICAL"),
    ],
)
def test_a_body_that_cannot_be_is_told_in_words(api: Api, body: bytes, status: int, said: str) -> None:
    got = api.post("admin/jobs", body)
    assert got.status == status, got.json
    assert said in got.error["message"]
    assert not Job.objects.exists()


def test_problems_are_named_by_field(api: Api) -> None:
    got = api.post("admin/jobs", {"taskType": "noop", "maxAttempts": 0, "tags": [""]})
    assert set(got.error["fields"]) == {"maxAttempts", "tags.0"}


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_another_content_type_is_refused(api: Api, content_type: str) -> None:
    got = api.post("admin/jobs", b'{"taskType": "noop"}', content_type=content_type)
    assert got.status == 415
    assert "expected application/json" in got.error["message"]


def test_a_charset_may_be_named(api: Api) -> None:
    got = api.post("admin/jobs", b'{"taskType": "noop"}', content_type="application/json; charset=utf-8")
    assert got.status == 201


@pytest.mark.parametrize("size", [1_200_000, 3_000_000])
def test_a_huge_body_is_refused(api: Api, size: int) -> None:
    got = api.post("admin/jobs", b'{"taskType": "' + b"x" * size + b'"}')
    assert got.status == 413
    assert "at most 1,048,576 bytes" in got.error["message"]


@pytest.mark.parametrize("path", ["", "nothing", "admin/jobs/", "admin/jobs/a/b/c", "admin/%00", "jobs/mine/x"])
def test_an_unknown_address_is_told_in_json(api: Api, path: str) -> None:
    got = api.get(path)
    assert got.status == 404
    assert got.error["code"] == "NOT_FOUND"


@pytest.mark.parametrize("debug", [True, False])
def test_also_while_debugging(settings: Settings, api: Api, debug: bool) -> None:
    settings.DEBUG = debug
    assert api.get("nothing").error["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "admin/jobs", {"GET", "POST"}),
        ("POST", "admin/jobs/health", {"GET"}),
        ("PATCH", "admin/jobs/019ab3f4-5d6e-7a8b-9c0d-1e2f3a4b5c6d", {"GET", "DELETE"}),
        ("GET", "admin/jobs/019ab3f4-5d6e-7a8b-9c0d-1e2f3a4b5c6d/retry", {"POST"}),
        ("POST", "admin/scheduled-jobs/1", {"GET", "PUT", "PATCH", "DELETE"}),
        ("PROPFIND", "admin/jobs", {"GET", "POST"}),
    ],
)
def test_another_method_is_told_with_those_that_there_are(api: Api, method: str, path: str, allowed: set[str]) -> None:
    got = api.call(method, path)
    assert got.status == 405
    assert set(got.headers["Allow"].split(", ")) == allowed
    assert got.error["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("colour=red", "colour: there is no such query parameter: expected some of cursor, from, limit"),
        ("limit=0", "limit: expected greater than or equal to 1."),
        ("limit=99999999999999999999", "limit: expected less than or equal to 200."),
        ("limit=ten", "limit: expected a valid integer"),
        ("status=flying", "Unknown status 'flying': expected one of pending"),
        ("cursor=last", "cursor: expected a valid UUID"),
        ("from=yesterday", "from: expected a time with a time zone"),
        ("from=2026-01-02T00:00Z&to=2026-01-01T00:00Z", "`from` must be before `to`"),
        ("user=nobody", "user: there is no user 'nobody'"),
        ("search=%00", "U+0000"),
        ("a%00b=1", ""),
    ],
)
def test_a_query_that_cannot_be_is_told_in_words(api: Api, query: str, said: str) -> None:
    got = api.get(f"admin/jobs?{query}")
    assert got.status == 422, got.json
    assert said in got.error["message"]


@pytest.mark.parametrize("given", ["nope", "1", "%F0%9F%92%A9", "019ab3f4-5d6e-7a8b-9c0d-1e2f3a4b5c6"])
def test_what_is_no_id_is_told_in_words(api: Api, given: str) -> None:
    got = api.get(f"admin/jobs/{given}")
    assert got.status == 422
    assert "job_id: expected a valid UUID" in got.error["message"]


def test_a_database_that_is_away_is_told_as_that(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> Any:
        raise OperationalError("connection to server at 10.1.2.3 failed: password hunter2")

    monkeypatch.setattr("jobqueue.http.jobs.listing.newest", away)
    got = api.get("admin/jobs")
    assert got.status == 503
    assert got.headers["Retry-After"] == "5"
    assert "10.1.2.3" not in got.error["message"]


@pytest.mark.parametrize("debug", [True, False])
def test_a_defect_shows_no_traceback(
    api: Api, monkeypatch: pytest.MonkeyPatch, settings: Settings, debug: bool
) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("hunter2")

    settings.DEBUG = debug
    monkeypatch.setattr("jobqueue.http.jobs.listing.newest", broken)
    api.client.raise_request_exception = False
    got = api.get("admin/jobs")
    assert got.status == 500
    assert got.error["code"] == "INTERNAL_ERROR"
    assert "hunter2" not in str(got.json)


def test_an_unknown_host_is_told_in_json(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["coach.example.org"]
    response = Client().get("/api/admin/jobs", headers={"host": "evil.example.org"})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "BAD_REQUEST"


def test_security_headers_stay(api: Api) -> None:
    assert api.get("nothing").headers["X-Content-Type-Options"] == "nosniff"
