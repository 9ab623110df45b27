"""The worker endpoint: who may call it, and what it runs."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from jobqueue.cycles import CycleResult
from jobqueue.models import AuditEntry, Job, WorkerCycle
from jobqueue.operations import pause
from jobqueue.states import Status
from tests.jobqueue.audited import ALICE, last_entry
from tests.jobqueue.factories import make_jobs
from tests.jobqueue.http.calling import Api, by_log_in, make_user
from tests.jobqueue.worker.processes import environment

RUNNER, CRON = "a-runner-secret-of-some-length", "a-cron-secret-of-some-length"
RUN = "jobs/run"


@pytest.fixture(autouse=True)
def _secrets(settings: Settings, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment().items():
        monkeypatch.setenv(name, value)  # for the processes of cycles
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "RUNNER_SECRETS": [RUNNER, "an-older-one"], "CRON_SECRETS": [CRON]}


def by_runner(secret: str = RUNNER) -> Api:
    return Api(headers={"x-job-runner-secret": secret})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What cycles would be run; none is."""
    asked: list[Any] = []

    def run_cycle(limit: int, *_: Any, force: bool) -> CycleResult:
        asked.append((limit, force))
        return CycleResult(cycle=None, status="ok", message="No job was due.")

    monkeypatch.setattr("jobqueue.http.run.run_cycle", run_cycle)
    return asked


@pytest.mark.fault
@pytest.mark.django_db(transaction=True)
def test_it_runs_what_is_due_and_tells_how_that_went() -> None:
    make_jobs(3)
    got = by_runner().post(RUN, {"limit": 1})
    assert got.status == 200, got.json
    assert (got.json["status"], got.json["processed"], got.json["succeeded"]) == ("ok", 1, 1)
    assert [job["status"] for job in got.json["results"]] == ["succeeded"]
    assert Job.objects.filter(status=Status.SUCCEEDED).count() == 1
    assert WorkerCycle.objects.get().source == "http"


@pytest.mark.fault
@pytest.mark.django_db(transaction=True)
def test_paused_and_disabled_are_told(settings: Settings) -> None:
    make_jobs(1)
    pause(ALICE, reason="x")
    assert by_runner().post(RUN).json["status"] == "paused"
    assert by_runner().post(RUN, {"force": True}).json["processed"] == 1
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "DISABLED": True}
    got = by_runner().post(RUN)
    assert (got.status, got.json["status"]) == (503, "disabled")


@pytest.mark.django_db
@pytest.mark.parametrize("secret", [RUNNER, "an-older-one"])
def test_either_of_two_secrets_is_accepted_during_rotation(asked: list[Any], secret: str) -> None:
    assert by_runner(secret).post(RUN).status == 200
    assert asked == [(5, False)]


@pytest.mark.django_db
def test_a_cron_service_sends_its_own_as_bearer(asked: list[Any]) -> None:
    cron = Api(headers={"authorization": f"Bearer {CRON}"})
    assert cron.get(f"{RUN}?limit=2&force=true").status == 200
    assert cron.post(RUN, {"limit": 10}).status == 200
    assert asked == [(2, True), (10, False)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-job-runner-secret": ""},
        {"x-job-runner-secret": CRON},
        {"x-job-runner-secret": RUNNER[:-1]},
        {"authorization": f"Bearer {RUNNER}"},
        {"authorization": f"Basic {CRON}"},
        {"user-agent": "vercel-cron/1.0"},
    ],
)
def test_anything_else_is_refused_and_recorded(asked: list[Any], headers: dict[str, str]) -> None:
    got = Api(headers=headers).post(RUN)
    assert got.status == 401
    assert not asked
    entry = last_entry()
    assert (entry.action, entry.is_refused) == ("API_REFUSE", True)
    assert RUNNER not in entry.reason + got.error["message"]


@pytest.mark.django_db
def test_without_a_secret_set_nobody_comes_in(settings: Settings, asked: list[Any]) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "RUNNER_SECRETS": [], "CRON_SECRETS": []}
    for headers in ({"x-job-runner-secret": ""}, {"authorization": "Bearer "}, {"x-job-runner-secret": RUNNER}):
        assert Api(headers=headers).post(RUN).status == 401
    assert "JOB_QUEUE_RUNNER_SECRET is not set" in last_entry().reason
    assert not asked


@pytest.mark.django_db
def test_guesses_are_limited_by_address(settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "API_STRANGERS_PER_MINUTE": 3}
    assert [by_runner("wrong").post(RUN).status for _ in range(5)] == [401, 401, 401, 429, 429]
    assert AuditEntry.objects.count() == 3


@pytest.mark.django_db
def test_a_log_in_does_not_open_it(asked: list[Any]) -> None:
    assert by_log_in(make_user("alice", "operate_job")).post(RUN).status == 401


@pytest.mark.django_db
@pytest.mark.parametrize("body", [{"limit": 0}, {"limit": 11}, {"limit": "3"}, {"force": 1}, {"most": 3}])
def test_an_impossible_number_is_told(asked: list[Any], body: dict[str, Any]) -> None:
    assert by_runner().post(RUN, body).status == 422
    assert not asked
