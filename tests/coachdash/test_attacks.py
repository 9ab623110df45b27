"""What attackers try at every form and list: scripts, SQL, NUL bytes, formulas, paths, hosts and sheer size."""

import csv
import io

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from jobqueue.api import Job
from jobqueue.audit import Actor, record
from jobqueue.models import LogLine
from jobqueue.states import Status
from tests.coachdash import factories
from tests.jobqueue.factories import make_attempt, make_job, make_schedule

from .conftest import LogIn

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"
TAG = '"><img src=x onerror=alert(1)>'
LISTS = (
    "/admin/jobqueue/job/",
    "/admin/jobqueue/schedule/",
    "/admin/jobqueue/schedule/history/",
    "/admin/jobqueue/auditentry/",
    "/admin/jobqueue/worker/",
    "/admin/jobqueue/pause/",
    "/admin/coachdash/competitor/",
    "/admin/auth/user/",
    "/dashboard/",
    "/api/admin/jobs",
    "/api/admin/scheduled-jobs",
    "/api/admin/job-runs",
    "/api/admin/audit-logs",
)
PARAMETERS = ("q", "status", "type", "queue", "search", "sort", "page", "cursor", "coach", "o", "p", "from", "limit")


def poisoned_job() -> Job:
    """A job that says scripts wherever it can."""
    job = make_job(
        Status.DEAD,
        payload={"name": SCRIPT, TAG: SCRIPT},
        error_code=SCRIPT[:64],
        error_message=TAG,
        tags=[SCRIPT],
        queue="q",
        result={"x": TAG},
    )
    make_attempt(job, error_message=SCRIPT, traceback=TAG)
    LogLine.objects.create(job_id=job.pk, claim=1, number=1, time=timezone.now(), level="INFO", text=SCRIPT + TAG)
    return job


def test_no_page_runs_what_somebody_wrote(admin_client: Client, admin_user: User, alice: User) -> None:
    job = poisoned_job()
    make_schedule(name=SCRIPT)
    record(Actor.of_shell(), "JOB_RETRY", object_type="job", object_id=str(job.pk), object_label=SCRIPT, reason=TAG)
    factories.account(factories.student(alice, f"{SCRIPT.replace(' ', '')} {TAG.replace(' ', '/')}"))
    User.objects.filter(pk=alice.pk).update(first_name=SCRIPT)
    pages = [*LISTS[:9], f"/admin/jobqueue/job/{job.pk}/change/"]

    for page in pages:
        text = admin_client.get(page).content.decode()
        assert SCRIPT not in text, page
        assert "<img src=x" not in text, page
        assert "<img/src=x" not in text, page


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "text",
    [
        "' OR 1=1 --",
        "'; DROP TABLE jobqueue_job; --",
        "%00",
        "\0",
        "%s %(x)s",
        "9" * 400,
        "ሴ\ud7ff",
        "../../etc/passwd",
    ],
)
def test_no_filter_is_fooled_or_breaks(path: str, text: str, admin_client: Client) -> None:
    job = make_job()

    for parameter in PARAMETERS:
        response = admin_client.get(path, {parameter: text})
        assert response.status_code in (200, 302, 400, 404, 422), f"{parameter}={text!r}: {response.status_code}"

    assert Job.objects.filter(pk=job.pk).exists()


@pytest.mark.parametrize("path", ["/login/", "/admin/login/", "/admin/jobqueue/schedule/add/"])
def test_a_body_that_is_too_large_is_refused(path: str, admin_client: Client) -> None:
    response = admin_client.post(path, {"username": "x" * 3_000_000})

    assert response.status_code in (400, 413)


def test_more_fields_than_any_form_has_are_refused(admin_client: Client) -> None:
    assert admin_client.post("/login/", {f"f{number}": "" for number in range(1_100)}).status_code == 400


def test_too_large_a_body_of_the_api_is_refused_in_json(admin_client: Client) -> None:
    response = admin_client.post("/api/admin/jobs", "x" * 1_100_000, content_type="application/json")

    assert response.status_code == 413
    assert response.json()["error"]["message"]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "a\tb", "user@evil.example"]
)
def test_a_host_that_is_not_ours_is_refused(host: str) -> None:
    assert Client().get("/login/", headers={"Host": host}).status_code == 400


def test_a_forwarded_host_counts_for_nothing(alice: User, log_in: LogIn) -> None:
    response = log_in(alice).get("/", headers={"X-Forwarded-Host": "evil.example"})

    assert "evil" not in response.headers["Location"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../coachdash/settings.py",
        "/static/%2e%2e/coachdash/settings.py",
        "/static/..%2f..%2f.env",
        "/static//etc/passwd",
        "/static/coachdash/../../.env",
    ],
)
def test_no_path_leads_out_of_the_static_files(path: str) -> None:
    response = Client().get(path)

    assert response.status_code in (302, 404)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_exported_cell_is_a_formula(cell: str, admin_client: Client) -> None:
    record(Actor.of_shell(), "JOB_RETRY", object_type="job", object_id="1", object_label=cell, reason=cell)

    response = admin_client.post("/admin/jobqueue/auditentry/export/")
    text = response.getvalue().decode()

    cells = [one for row in csv.reader(io.StringIO(text)) for one in row]
    assert any(one.endswith(cell.strip()) for one in cells)
    assert not [one for one in cells if one[:1] in ("=", "+", "-", "@", "\t", "\r")]


def test_the_tables_are_still_there() -> None:
    assert "jobqueue_job" in connection.introspection.table_names()
