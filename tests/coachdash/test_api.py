"""The composed API: its document, its page, and every address of the design."""

import json
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client

from coachdash.api import api
from tests.coachdash.conftest import LogIn
from tests.jobqueue.http.calling import by_token

ADDRESSES = {
    "/api/admin/jobs/trigger-sync": {"post"},
    "/api/admin/jobs/trigger-totals-sweep": {"post"},
    "/api/admin/jobs": {"get", "post"},
    "/api/admin/jobs/create": {"post"},
    "/api/admin/jobs/{job_id}": {"get", "delete"},
    "/api/admin/jobs/{job_id}/retry": {"post"},
    "/api/admin/jobs/{job_id}/cancel": {"post"},
    "/api/admin/jobs/{job_id}/run-now": {"post"},
    "/api/admin/jobs/bulk-retry": {"post"},
    "/api/admin/jobs/bulk-cancel": {"post"},
    "/api/admin/jobs/health": {"get"},
    "/api/admin/jobs/processing": {"get", "post"},
    "/api/jobs/run": {"get", "post"},
    "/api/admin/scheduled-jobs": {"get", "post"},
    "/api/admin/scheduled-jobs/{schedule_id}": {"get", "put", "patch", "delete"},
    "/api/admin/scheduled-jobs/{schedule_id}/trigger": {"post"},
    "/api/admin/job-runs": {"get"},
    "/api/admin/cron/runs": {"get"},
    "/api/admin/audit-logs": {"get"},
    "/api/jobs/mine": {"get"},
    "/api/jobs/{job_id}": {"get"},
}
COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_every_address_of_the_design_is_there() -> None:
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    for address, methods in ADDRESSES.items():
        assert methods <= set(paths[address]), address


def test_the_committed_document_is_the_codes_own() -> None:
    document = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/")))
    assert json.loads(COMMITTED.read_text()) == document, "run: manage.py export_openapi"


def test_every_operation_says_what_it_does_and_needs() -> None:
    for path, methods in api.get_openapi_schema(path_prefix="/api/")["paths"].items():
        for method, operation in methods.items():
            assert "Needs: " in operation["description"], (method, path)
            assert operation["security"], (method, path)
            assert operation["tags"], (method, path)


def test_the_page_needs_nothing_from_elsewhere(alice: User, log_in: LogIn) -> None:
    response = log_in(alice).get("/api/docs")
    page = response.content.decode()
    assert response.status_code == 200
    assert "http://" not in page
    assert "https://" not in page
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("name", ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-init.js", "favicon.svg"])
def test_its_files_are_served_from_here(name: str) -> None:
    assert finders.find(f"ninja/{name}")


@pytest.mark.django_db
def test_a_stranger_is_led_to_the_log_in() -> None:
    response = Client().get("/api/docs")
    assert response.status_code == 302
    assert response.headers["Location"] == "/login/?next=/api/docs"
    assert Client().get("/api/openapi.json").status_code == 401


def test_a_program_reads_the_document_by_its_token(alice: User) -> None:
    got = by_token(alice, "jobs:read").get("openapi.json")
    assert got.status == 200
    assert got.json["openapi"] == "3.1.0"
