"""Scheduled jobs over the API, by brand and customer as its callers say."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from jobqueue.models import Job, Schedule
from jobqueue.redaction import MASK
from tests.coachdash.factories import coach
from tests.jobqueue.audited import last_entry
from tests.jobqueue.factories import make_schedule
from tests.jobqueue.http.calling import Api

pytestmark = pytest.mark.django_db
SYNC = {
    "job_type": "data_collection",
    "cron_expression": "*/30 * * * *",
    "timezone": "America/New_York",
    "is_active": True,
    "metadata": {"collectors": ["solves"], "dryRun": True},
}


@pytest.fixture
def carol(db: None) -> User:
    """A coach of a school."""
    return coach("carol")


def test_one_for_a_brand_and_a_customer(api: Api, carol: User) -> None:
    brand = carol.coach_profile.organization_id
    wanted = {**SYNC, "metadata": {}, "brand_id": brand, "customer_id": carol.pk}
    got = api.post("admin/scheduled-jobs", wanted)
    assert got.status == 201, got.json
    assert (got.json["brand_id"], got.json["customer_id"]) == (brand, carol.pk)
    assert got.json["name"] == f"data_collection brand {brand} customer {carol.pk}"
    assert got.json["description"].startswith("Every 30 minutes")
    assert got.json["next_run_at"] is not None
    schedule = Schedule.objects.get()
    assert schedule.scope == {"organization": brand, "coach": carol.pk}
    assert schedule.created_by is not None
    assert last_entry().action == "SCHEDULE_CREATE"
    again = api.post("admin/scheduled-jobs", wanted)
    assert again.json["name"].endswith(" 2")


def test_all_its_plain_fields(api: Api) -> None:
    got = api.post(
        "admin/scheduled-jobs",
        {
            "name": "nightly",
            "job_type": "noop",
            "interval_seconds": 900,
            "queue": "mail",
            "priority": "LOW",
            "max_attempts": 1,
            "missed": "skip",
            "missed_window_seconds": 60,
            "missed_cap": 5,
            "overlap": "allow",
            "jitter_seconds": 1.5,
            "grace_seconds": 120,
            "starts_at": "2030-01-01T00:00:00Z",
            "ends_at": "2031-01-01T00:00:00Z",
            "notes": "why",
            "is_active": False,
        },
    )
    assert got.status == 201, got.json
    assert (got.json["kind"], got.json["interval_seconds"], got.json["cron_expression"]) == ("interval", 900, None)
    assert (got.json["priority"], got.json["overlap"], got.json["jitter_seconds"]) == ("LOW", "allow", 1.5)
    assert got.json["next_run_at"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cron_expression": "61 * * * *"}, "cron_expression"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"job_type": "nope"}, "job_type"),
        ({"metadata": {"colour": "red"}}, "metadata"),
        ({"metadata": {"secret": MASK}}, "metadata"),
        ({"brand_id": 999_999}, "brand_id or customer_id"),
        ({"interval_seconds": 900}, "interval_seconds"),
        ({"cron_expression": None}, "cron_expression"),
        ({"missed": "never"}, "missed"),
        ({"priority": "URGENT"}, "priority"),
        ({"name": ""}, "name"),
        ({"is_active": "yes"}, "is_active"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"customer_id": "7"}, "customer_id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_told_by_field(api: Api, change: dict[str, Any], field: str) -> None:
    got = api.post("admin/scheduled-jobs", {**SYNC, **change})
    assert got.status == 422, got.json
    assert list(got.error["fields"]) == [field]
    assert not Schedule.objects.exists()


def test_a_taken_name_is_a_conflict(api: Api) -> None:
    make_schedule("nightly")
    got = api.post("admin/scheduled-jobs", {**SYNC, "name": "nightly"})
    assert got.status == 409
    assert "name" in got.error["fields"]


def test_patch_sets_what_is_given_and_null_widens_the_scope(api: Api, carol: User) -> None:
    made = api.post("admin/scheduled-jobs", {**SYNC, "customer_id": carol.pk}).json
    got = api.call("PATCH", f"admin/scheduled-jobs/{made['id']}", {"is_active": False})
    assert got.status == 200, got.json
    assert (got.json["is_active"], got.json["customer_id"]) == (False, carol.pk)
    got = api.call("PATCH", f"admin/scheduled-jobs/{made['id']}", {"customer_id": None, "interval_seconds": 600})
    assert (got.json["customer_id"], got.json["kind"], got.json["cron_expression"]) == (None, "interval", None)
    assert got.json["metadata"] == SYNC["metadata"]
    assert last_entry().action == "SCHEDULE_EDIT"


def test_what_is_not_valid_any_more_can_be_switched_off(api: Api) -> None:
    schedule = make_schedule()
    Schedule.objects.update(task_type="gone")
    assert api.call("PATCH", f"admin/scheduled-jobs/{schedule.pk}", {"notes": "x"}).status == 422
    assert api.call("PATCH", f"admin/scheduled-jobs/{schedule.pk}", {"is_active": False}).status == 200


def test_put_sets_everything_but_the_name(api: Api, carol: User) -> None:
    made = api.post("admin/scheduled-jobs", {**SYNC, "customer_id": carol.pk, "notes": "why", "name": "one"}).json
    got = api.call("PUT", f"admin/scheduled-jobs/{made['id']}", {"job_type": "noop", "cron_expression": "0 4 * * *"})
    assert got.status == 200, got.json
    assert (got.json["id"], got.json["name"], got.json["notes"]) == (made["id"], "one", "")
    assert (got.json["customer_id"], got.json["metadata"], got.json["timezone"]) == (None, {}, "UTC")
    assert Schedule.objects.count() == 1


def test_delete_and_trigger(api: Api) -> None:
    schedule = make_schedule()
    got = api.post(f"admin/scheduled-jobs/{schedule.pk}/trigger")
    assert got.json["success"]
    assert Job.objects.get(pk=got.json["jobId"]).schedule == schedule
    assert api.call("DELETE", f"admin/scheduled-jobs/{schedule.pk}").status == 200
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/trigger")):
        assert api.call(method, f"admin/scheduled-jobs/{schedule.pk}{path}").status == 404


@pytest.mark.parametrize("given", ["0", "-1", "x", "99999999999999999999"])
def test_what_is_no_id_is_told(api: Api, given: str) -> None:
    assert api.get(f"admin/scheduled-jobs/{given}").status == 422


def test_lists_by_customer_and_in_pages(api: Api, carol: User) -> None:
    for name in ("a", "b", "c"):
        make_schedule(name)
    api.post("admin/scheduled-jobs", {**SYNC, "customer_id": carol.pk, "name": "carol's"})
    names = [one["name"] for one in api.get(f"admin/scheduled-jobs?customer_id={carol.pk}").json["schedules"]]
    assert names == ["carol's"]
    page = api.get("admin/scheduled-jobs?limit=2&job_type=noop&is_active=true").json
    assert [one["name"] for one in page["schedules"]] == ["a", "b"]
    page = api.get(f"admin/scheduled-jobs?limit=2&cursor={page['next_cursor']}").json
    assert [one["name"] for one in page["schedules"]] == ["c", "carol's"]
    assert page["next_cursor"] is None
