"""Starting a sync and a totals sweep over the API."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from jobqueue.api import Job
from tests.coachdash.factories import coach
from tests.jobqueue.http.calling import ALL, Api, by_token, make_user

pytestmark = pytest.mark.django_db
SYNC, TOTALS = "admin/jobs/trigger-sync", "admin/jobs/trigger-totals-sweep"


@pytest.fixture
def alice(db: None) -> User:
    return make_user("alice", *ALL)


@pytest.fixture
def api(alice: User) -> Api:
    return by_token(alice)


def test_a_sync_as_an_operators_notes_have_it(api: Api, alice: User) -> None:
    got = api.post(SYNC, {"dryRun": False, "coachId": None})
    assert got.status == 200
    assert (got.json["success"], got.json["message"]) == (True, "The sync was started.")
    job = Job.objects.get(pk=got.json["jobId"])
    assert (job.task_type, job.created_by) == ("game_platform_sync", alice)


def test_asking_again_names_the_same_job(api: Api) -> None:
    first, again = api.post(SYNC), api.post(SYNC, {})
    assert first.json["jobId"] == again.json["jobId"]
    assert "waits or runs already" in again.json["message"]


def test_a_sync_of_one_coach_from_the_beginning(api: Api) -> None:
    carol = coach("carol")
    got = api.post(SYNC, {"dryRun": True, "coachId": carol.pk, "forceFullSync": True})
    payload = Job.objects.get(pk=got.json["jobId"]).payload
    assert (payload["coachId"], payload["dryRun"], payload["forceFullSync"]) == (carol.pk, True, True)


def test_a_totals_sweep_as_an_operators_notes_have_it(api: Api) -> None:
    got = api.post(TOTALS, {"dryRun": False, "coachId": None, "batchSize": 50, "forceAll": True})
    payload = Job.objects.get(pk=got.json["jobId"]).payload
    assert (payload["batchSize"], payload["forceAll"]) == (50, True)
    usual = api.post(TOTALS)
    assert Job.objects.get(pk=usual.json["jobId"]).payload["batchSize"] == 100


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (SYNC, {"coachId": 999_999}, "coachId"),
        (SYNC, {"coachId": "1"}, "coachId"),
        (SYNC, {"dryRun": "no"}, "dryRun"),
        (TOTALS, {"batchSize": 0}, "batchSize"),
        (TOTALS, {"batchSize": 1_001}, "batchSize"),
        (TOTALS, {"forceFullSync": True}, "forceFullSync"),
    ],
)
def test_what_cannot_be_is_told_by_field(api: Api, path: str, body: dict[str, Any], field: str) -> None:
    got = api.post(path, body)
    assert got.status == 422
    assert list(got.error["fields"]) == [field]
    assert not Job.objects.exists()
