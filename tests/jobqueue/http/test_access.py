"""Who is let in, by what, and what is recorded of those who are not."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.utils import timezone
from pytest_django.fixtures import Settings

from jobqueue.models import ApiToken, AuditEntry, Job
from jobqueue.operations import create_token, revoke_token
from tests.jobqueue.audited import ALICE, last_entry
from tests.jobqueue.factories import make_job
from tests.jobqueue.http.calling import ALL, Api, by_log_in, by_token, make_user

pytestmark = pytest.mark.django_db
LIST = "admin/jobs"


def test_a_stranger_is_asked_who_they_are() -> None:
    got = Api().get(LIST)
    assert got.status == 401
    assert got.headers["WWW-Authenticate"].startswith("Bearer")
    assert "Authorization: Bearer" in got.error["message"]


def test_a_token_opens_what_its_scope_and_its_owner_may(api: Api) -> None:
    assert api.get(LIST).status == 200


def test_a_log_in_opens_the_same(alice: User) -> None:
    assert by_log_in(alice).get(LIST).status == 200


@pytest.mark.parametrize(
    "header", ["Basic YWxpY2U6eA==", "Bearer", "Bearer nonsense", "Bearer jqt_\N{SNOWMAN}", "jqt_x"]
)
def test_other_credentials_are_refused_and_recorded(header: str) -> None:
    got = Api(headers={"authorization": header.encode().decode("latin-1")}).get(LIST)
    assert got.status == 401
    entry = last_entry()
    assert (entry.action, entry.actor, entry.is_refused) == ("API_REFUSE", "anonymous", True)
    assert "nonsense" not in entry.reason


def test_a_wrong_token_is_refused_even_with_a_log_in(alice: User) -> None:
    browser = by_log_in(alice)
    assert browser.get(LIST, authorization="Bearer jqt_wrong").status == 401


def test_a_revoked_token_is_dead_at_once(alice: User, api: Api) -> None:
    revoke_token(ApiToken.objects.get(), ALICE)
    got = api.get(LIST)
    assert got.status == 401
    assert got.error["message"] == "This API token was revoked."


def test_an_expired_token_is_dead(alice: User) -> None:
    _, secret = create_token(
        alice, ALICE, name="short", scopes=["jobs:read"], expires_at=timezone.now() + timedelta(hours=1)
    )
    program = Api(headers={"authorization": f"Bearer {secret}"})
    assert program.get(LIST).status == 200
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=True):
        assert program.get(LIST).error["message"] == "This API token has expired."


def test_an_inactive_owners_token_is_dead(alice: User, api: Api) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert api.get(LIST).status == 401


def test_a_token_never_exceeds_its_owners_present_permissions(alice: User, api: Api) -> None:
    alice.user_permissions.remove(Permission.objects.get(codename="operate_job"))
    got = api.post("admin/jobs", {"taskType": "noop"})
    assert got.status == 403
    assert "jobqueue.operate_job" in got.error["message"]
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("jobs:read", "POST", "admin/jobs"),
        ("jobs:write", "GET", "admin/jobs"),
        ("jobs:write", "DELETE", "admin/jobs/019ab3f4-5d6e-7a8b-9c0d-1e2f3a4b5c6d"),
        ("jobs:delete", "GET", "jobs/mine"),
    ],
)
def test_a_scope_does_not_include_another(alice: User, scope: str, method: str, path: str) -> None:
    got = by_token(alice, scope).call(method, path, {"taskType": "noop"} if method == "POST" else None)
    assert got.status == 403
    assert got.error["message"].startswith(f"This token has {scope}: expected jobs:")


def test_a_refused_change_is_recorded_with_the_token(alice: User) -> None:
    by_token(alice, "jobs:read").post("admin/jobs", {"taskType": "noop"})
    entry = last_entry()
    assert entry.actor.startswith("alice by token ('jobs:read',)")
    assert (entry.channel, entry.is_refused, entry.object_label) == ("api", True, "POST /api/admin/jobs")


def test_refused_reading_is_not_recorded() -> None:
    by_log_in(make_user("bob")).get(LIST)
    assert not AuditEntry.objects.exists()


def test_a_flood_of_refusals_does_not_fill_the_audit_log() -> None:
    with time_machine.travel(timezone.now(), tick=True):
        for _ in range(40):
            Api(headers={"authorization": "Bearer jqt_wrong"}).get(LIST)
    assert AuditEntry.objects.count() == 10


def test_a_change_by_a_log_in_needs_the_csrf_token(alice: User) -> None:
    browser = by_log_in(alice, enforce_csrf_checks=True)
    got = browser.post("admin/jobs", {"taskType": "noop"})
    assert got.status == 403
    assert got.error["code"] == "CSRF_FAILED"
    browser.client.cookies["csrftoken"] = "x" * 32
    assert browser.post("admin/jobs", {"taskType": "noop"}, **{"x-csrftoken": "x" * 32}).status == 201


def test_a_token_needs_none(alice: User) -> None:
    assert by_token(alice, enforce_csrf_checks=True).post("admin/jobs", {"taskType": "noop"}).status == 201


def test_who_calls_too_often_hears_when_to_come_back(settings: Settings, api: Api) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "API_CALLS_PER_MINUTE": 3}
    assert [api.get(LIST).status for _ in range(4)] == [200, 200, 200, 429]
    got = api.get(LIST)
    assert 15 <= int(got.headers["Retry-After"]) <= 20
    assert got.error["code"] == "RATE_LIMIT"


def test_strangers_share_the_allowance_of_their_address(settings: Settings, alice: User) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "API_STRANGERS_PER_MINUTE": 2}
    wrong = Api(headers={"authorization": "Bearer jqt_wrong"})
    assert [wrong.get(LIST).status, Api().get(LIST).status, wrong.get(LIST).status] == [401, 401, 429]
    assert by_token(alice).get(LIST).status == 200


def test_the_audit_log_names_user_token_and_address(api: Api) -> None:
    job = make_job()
    assert api.post(f"admin/jobs/{job.pk}/cancel").status == 200
    entry = last_entry()
    assert (entry.action, entry.channel, entry.address) == ("JOB_CANCEL", "api", "127.0.0.1")
    assert entry.actor.startswith("alice by token")
    assert entry.actor_id == User.objects.get().pk


def test_use_is_marked(api: Api) -> None:
    api.get(LIST)
    assert ApiToken.objects.get().last_used_at is not None


@pytest.mark.parametrize("codename", ["view_job", "operate_job"])
def test_who_may_operate_may_look(codename: str) -> None:
    assert by_log_in(make_user("bob", codename)).get(LIST).status == 200


def test_all_permissions_are_needed_where_they_say() -> None:
    carol = by_log_in(make_user("carol", *(name for name in ALL if name != "delete_schedule")))
    assert carol.call("DELETE", "admin/scheduled-jobs/1").status == 403
