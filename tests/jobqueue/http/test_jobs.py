"""Jobs over the API: pages, details, creation and verbs."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from jobqueue.api import enqueue
from jobqueue.models import Job
from jobqueue.redaction import MASK
from jobqueue.states import Status
from tests.jobqueue.audited import last_entry
from tests.jobqueue.factories import make_attempt, make_job, make_jobs, make_log_lines, make_schedule
from tests.jobqueue.http.calling import Api, by_log_in, by_token, make_user

pytestmark = pytest.mark.django_db


def ids(page: Any) -> list[str]:
    return [job["id"] for job in page.json["jobs"]]


class TestListing:
    def test_pages_follow_each_other_without_gap_or_overlap(self, api: Api) -> None:
        made = [str(job.pk) for job in make_jobs(7)][::-1]
        seen, cursor = [], ""
        for _ in range(4):
            page = api.get(f"admin/jobs?limit=2{cursor}")
            seen += ids(page)
            cursor = f"&cursor={page.json['nextCursor']}"
            make_job()  # what arrives meanwhile is newer
        assert seen == made
        assert page.json["nextCursor"] is None

    @pytest.mark.parametrize("status", ["status=failed&status=dead", "status=failed,dead", "status=FAILED,Dead"])
    def test_by_several_statuses(self, api: Api, status: str) -> None:
        failed, dead = make_job(Status.FAILED), make_job(Status.DEAD)
        make_job()
        assert ids(api.get(f"admin/jobs?{status}")) == [str(dead.pk), str(failed.pk)]
        assert ids(api.get(f"admin/jobs?{status}&limit=1&cursor={dead.pk}")) == [str(failed.pk)]

    def test_by_names_that_operators_are_used_to(self, api: Api) -> None:
        job = make_job(Status.RUNNING)
        assert ids(api.get("admin/jobs?status=processing")) == [str(job.pk)]
        assert ids(api.get("admin/jobs?status=completed")) == []

    def test_by_everything_else(self, api: Api, alice: User) -> None:
        job = make_job(Status.FAILED, task_type="greet", queue="mail", created_by=alice, error_code="SMTP_DOWN")
        make_job()
        for query in (
            "type=greet",
            "queue=mail",
            "user=alice",
            f"user={alice.pk}",
            f"search={job.pk}",
            f"search={job.short_id}",
            "search=greet",
            "search=smtp_down",
            "type=greet,noop&queue=mail&user=alice&status=failed",
        ):
            assert ids(api.get(f"admin/jobs?{query}")) == [str(job.pk)], query

    def test_a_rare_type_is_looked_for_a_bounded_number_of_jobs_at_a_time(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("jobqueue.newest.WINDOW", 3)
        rare = make_job(task_type="greet")
        make_jobs(5)
        pages = [api.get("admin/jobs?type=greet")]
        while pages[-1].json["nextCursor"]:
            pages.append(api.get(f"admin/jobs?type=greet&cursor={pages[-1].json['nextCursor']}"))
        assert [ids(page) for page in pages] == [[], [str(rare.pk)], []]

    def test_by_the_time_they_were_made(self, api: Api) -> None:
        job = enqueue("noop").id
        now = timezone.now()
        before, after = (now - timedelta(hours=1)), (now + timedelta(hours=1))
        said = [f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (before, after)]
        assert ids(api.get(f"admin/jobs?from={said[0]}&to={said[1]}")) == [str(job)]
        assert ids(api.get(f"admin/jobs?to={said[0]}")) == []
        assert ids(api.get("admin/jobs?from=0001-01-01T00:00:00Z&to=9999-01-01T00:00:00Z")) == [str(job)]

    def test_costs_the_same_few_queries_for_any_page(
        self, api: Api, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        api.get("admin/jobs")  # marks the token as used
        for number in (1, 60):
            make_jobs(number, created_by=make_user(f"user{number}"), schedule=make_schedule(f"schedule {number}"))
            with django_assert_num_queries(5):  # token with owner, rate, permissions of user and groups, jobs
                api.get("admin/jobs?limit=50")

    def test_secrets_in_errors_are_masked(self, api: Api) -> None:
        make_job(Status.FAILED, error_message="password=hunter2hunter2")
        assert "hunter2" not in str(api.get("admin/jobs").json)


class TestDetails:
    def test_a_job_comes_with_all_that_belongs_to_it(self, api: Api) -> None:
        job = make_job(Status.FAILED, payload={"apiKey": "hunter2hunter2", "name": "Ada"}, result={"token": "x" * 20})
        make_attempt(job)
        make_log_lines(job, 3)
        child = make_job(parent=job)
        dependent = enqueue("noop", depends_on=[job.pk])
        shown = api.get(f"admin/jobs/{job.pk}").json
        assert shown["payload"] == {"apiKey": MASK, "name": "Ada"}
        assert shown["result"] == {"token": MASK}
        assert [attempt["errorCode"] for attempt in shown["attemptHistory"]] == ["ValueError"]
        assert "Traceback" in shown["attemptHistory"][0]["traceback"]
        assert [line["text"] for line in shown["log"]] == ["line 0.", "line 1.", "line 2."]
        assert [one["id"] for one in shown["related"]["children"]] == [str(child.pk)]
        assert [one["id"] for one in shown["related"]["dependents"]] == [str(dependent.id)]
        assert shown["waiting"] is None
        waiting = api.get(f"admin/jobs/{dependent.id}").json["waiting"]
        assert waiting["kind"] == "dependency"

    def test_of_a_long_log_the_end_is_shown(self, api: Api) -> None:
        job = make_job(Status.FAILED)
        make_log_lines(job, 1_100)
        log = api.get(f"admin/jobs/{job.pk}").json["log"]
        assert (len(log), log[-1]["text"]) == (1_000, "line 1099.")

    def test_an_unknown_one_is_not_found(self, api: Api) -> None:
        got = api.get("admin/jobs/019ab3f4-5d6e-7a8b-9c0d-1e2f3a4b5c6d")
        assert got.status == 404
        assert "There is no job 019ab3f4" in got.error["message"]


class TestCreating:
    def test_a_job_of_any_type_with_all_options(self, api: Api, alice: User) -> None:
        first = enqueue("noop").id
        got = api.post(
            "admin/jobs",
            {
                "taskType": "noop",
                "payload": {},
                "runAt": "2030-01-01T00:00:00+01:00",
                "priority": "high",
                "queue": "mail",
                "maxAttempts": 2,
                "timeoutSeconds": 1.5,
                "deadline": "2031-01-01T00:00:00Z",
                "dependsOn": [str(first)],
                "onFailure": "cancel",
                "uniqueKey": "u",
                "concurrencyKey": "c",
                "concurrencyLimit": 3,
                "tags": ["a"],
            },
        )
        assert got.status == 201, got.json
        job = Job.objects.get(pk=got.json["jobId"])
        assert (job.queue, job.priority, job.max_attempts, job.tags) == ("mail", 50, 2, ["a"])
        assert job.run_at.isoformat() == "2029-12-31T23:00:00+00:00"
        assert job.timeout == timedelta(seconds=1.5)
        assert (job.concurrency_key, job.concurrency_limit, job.blockers) == ("c", 3, 1)
        assert job.created_by == alice
        assert last_entry().action == "JOB_CREATE"

    def test_the_alias_does_the_same(self, api: Api) -> None:
        assert api.post("admin/jobs/create", {"taskType": "noop", "delaySeconds": 60}).status == 201

    def test_a_taken_unique_key_names_its_holder(self, api: Api) -> None:
        first = api.post("admin/jobs", {"taskType": "noop", "uniqueKey": "u"})
        again = api.post("admin/jobs", {"taskType": "noop", "uniqueKey": "u"})
        assert (first.status, again.status) == (201, 200)
        assert again.json["jobId"] == first.json["jobId"]
        assert again.json["created"] is False

    def test_two_times_are_refused(self, api: Api) -> None:
        got = api.post("admin/jobs", {"taskType": "noop", "runAt": "2030-01-01T00:00:00Z", "delaySeconds": 1})
        assert got.error["fields"] == {"delaySeconds": "expected this or runAt, not both"}


class TestVerbs:
    def test_retry_with_a_delay(self, api: Api) -> None:
        job = make_job(Status.FAILED)
        got = api.post(f"admin/jobs/{job.pk}/retry", {"delaySeconds": 3600, "reason": "mended"})
        assert got.status == 200
        assert (got.json["success"], got.json["status"]) == (True, "pending")
        job.refresh_from_db()
        assert got.json["scheduledFor"] == job.run_at.isoformat().replace("+00:00", "Z")
        assert last_entry().reason == "mended"

    def test_retry_without_a_body(self, api: Api) -> None:
        job = make_job(Status.DEAD)
        assert api.post(f"admin/jobs/{job.pk}/retry").status == 200

    def test_retry_of_a_running_job_is_refused_with_the_reason(self, api: Api) -> None:
        job = make_job(Status.RUNNING)
        got = api.post(f"admin/jobs/{job.pk}/retry")
        assert got.status == 409
        assert got.error["message"] == "The job cannot be retried: running."
        assert last_entry().is_refused

    def test_cancel_of_a_running_job_asks_it_to_stop(self, api: Api) -> None:
        job = make_job(Status.RUNNING)
        got = api.post(f"admin/jobs/{job.pk}/cancel", {"reason": "wrong coach"})
        assert (got.json["status"], got.json["message"]) == ("running", "The job was asked to stop.")
        job.refresh_from_db()
        assert job.cancel_reason == "wrong coach"

    def test_run_now(self, api: Api) -> None:
        job = make_job(run_at=timezone.now() + timedelta(days=1))
        assert api.post(f"admin/jobs/{job.pk}/run-now").status == 200
        job.refresh_from_db()
        assert job.run_at <= timezone.now()

    def test_delete(self, api: Api) -> None:
        job = make_job(Status.SUCCEEDED)
        assert api.call("DELETE", f"admin/jobs/{job.pk}").json["success"]
        assert not Job.objects.exists()
        assert api.call("DELETE", f"admin/jobs/{job.pk}").status == 404
        assert api.call("DELETE", f"admin/jobs/{make_job(Status.RUNNING).pk}").status == 409

    @pytest.mark.parametrize("verb", ["retry", "cancel", "run-now"])
    def test_an_unknown_job_is_not_found_and_recorded(self, api: Api, verb: str) -> None:
        assert api.post(f"admin/jobs/019ab3f4-5d6e-7a8b-9c0d-1e2f3a4b5c6d/{verb}").status == 404
        assert last_entry().is_refused


class TestOwn:
    def test_one_sees_ones_own_jobs_and_no_others(self, api: Api) -> None:
        coach = make_user("coach")
        own, other = make_job(created_by=coach), make_job(created_by=make_user("other coach"))
        browser = by_log_in(coach)
        assert ids(browser.get("jobs/mine")) == [str(own.pk)]
        assert browser.get(f"jobs/{own.pk}").json["waiting"] is not None
        assert browser.get(f"jobs/{other.pk}").status == 404
        assert browser.get(f"admin/jobs/{own.pk}").status == 403
        assert api.get(f"jobs/{other.pk}").status == 200

    def test_by_a_token_that_reads(self) -> None:
        coach = make_user("coach")
        make_jobs(3, created_by=coach)
        page = by_token(coach, "jobs:read").get("jobs/mine?limit=2&status=pending&type=noop")
        assert len(ids(page)) == 2
        assert page.json["nextCursor"]


class TestBulk:
    def test_a_dry_run_counts(self, api: Api) -> None:
        make_jobs(3, Status.FAILED)
        make_job(Status.RUNNING)
        got = api.post("admin/jobs/bulk-retry", {"filter": {"type": ["noop"]}, "dryRun": True})
        assert (got.json["matched"], got.json["eligible"], got.json["skipped"]) == (4, 3, {"running": 1})
        assert not Job.objects.filter(status="pending").exists()

    def test_by_ids(self, api: Api) -> None:
        jobs = make_jobs(2, Status.FAILED)
        running = make_job(Status.RUNNING)
        wanted = [str(job.pk) for job in (*jobs, running)]
        got = api.post("admin/jobs/bulk-retry", {"ids": wanted, "reason": "mended"})
        assert got.status == 200
        assert got.json["message"] == "2 retried, 1 skipped: running"
        assert got.json["state"] == "done"
        assert last_entry().action == "BULK_RETRY"

    def test_many_go_on_in_the_background(self, api: Api) -> None:
        Job.objects.bulk_create(Job(task_type="noop") for _ in range(1_001))
        got = api.post("admin/jobs/bulk-cancel", {"filter": {"status": ["pending"]}})
        assert got.status == 202
        assert (got.json["state"], got.json["matched"], got.json["progress"]) == ("running", 1_001, 0)
        assert Job.objects.get(pk=got.json["jobId"]).task_type == "job_queue_bulk"
        followed = api.get(f"admin/jobs/bulk/{got.json['operationId']}")
        assert followed.json["state"] == "running"
        assert api.post(f"admin/jobs/bulk/{got.json['operationId']}/stop").json["state"] == "stopped"

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ({}, "Nothing is chosen"),
            ({"filter": {}}, "Nothing is chosen"),
            ({"filter": {"status": ["flying"]}}, "Unknown status 'flying'"),
            ({"filter": {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}}, "must be before"),
            ({"filter": {"fingerprint": "x"}}, "fingerprint"),
            ({"ids": ["x"]}, "ids.0: expected a valid UUID"),
        ],
    )
    def test_a_choice_that_cannot_be_is_told(self, api: Api, body: Any, said: str) -> None:
        got = api.post("admin/jobs/bulk-retry", body)
        assert got.status == 422
        assert said in got.error["message"]

    def test_an_unknown_operation_is_not_found(self, api: Api) -> None:
        assert api.get("admin/jobs/bulk/019ab3f4-5d6e-7a8b-9c0d-1e2f3a4b5c6d").status == 404


class TestProcessing:
    def test_pausing_needs_a_reason_and_resuming_tells_what_waits(self, api: Api) -> None:
        make_jobs(2)
        assert "reason" in api.post("admin/jobs/processing", {"enabled": False}).error["fields"]
        got = api.post("admin/jobs/processing", {"enabled": False, "reason": "down", "forSeconds": 60})
        assert (got.json["enabled"], got.json["waiting"]) == (False, 2)
        assert got.json["pauses"][0]["endsAt"] is not None
        assert api.get("admin/jobs/processing").json["enabled"] is False
        assert api.post("admin/jobs/processing", {"enabled": True}).json["enabled"] is True
        assert api.post("admin/jobs/processing", {"enabled": True}).status == 409

    def test_one_queue_or_task_type_alone(self, api: Api) -> None:
        for scope in ("queue:mail", "task_type:noop"):
            got = api.post("admin/jobs/processing", {"enabled": False, "reason": "x", "scope": scope})
            assert got.json["enabled"] is True
            assert scope in [pause["scope"] for pause in got.json["pauses"]]
        got = api.post("admin/jobs/processing", {"enabled": False, "reason": "x", "scope": "task_type:nope"})
        assert "expected one of" in got.error["fields"]["scope"]

    def test_disabled_is_said(self, api: Api, settings: Settings) -> None:
        settings.JOB_QUEUE = {**settings.JOB_QUEUE, "DISABLED": True}
        assert api.get("admin/jobs/processing").json["disabled"] is True


class TestHealth:
    def test_it_is_what_the_command_says(self, api: Api) -> None:
        got = api.get("admin/jobs/health")
        assert got.status == 200
        assert got.json["status"] == "critical"
        assert {"database", "worker", "workerLastPing", "pendingJobs", "runningJobs", "failedJobs", "deadJobs"} <= set(
            got.json["checks"]
        )
        assert {"oldestPendingJob", "processing", "scheduler"} <= set(got.json["checks"])

    def test_a_second_look_within_the_time_costs_none(
        self, api: Api, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        settings.JOB_QUEUE = {**settings.JOB_QUEUE, "API_HEALTH_SECONDS": 0.2}
        time.sleep(0.2)  # what other tests were told serves nobody any more
        first = api.get("admin/jobs/health")
        make_jobs(3)
        with django_assert_num_queries(4):  # token with owner, rate, permissions of user and groups
            assert api.get("admin/jobs/health").json == first.json
        time.sleep(0.2)
        assert api.get("admin/jobs/health").json["checks"]["pendingJobs"]["value"] == 3

    def test_costs_the_same_queries_for_any_number_of_jobs(self, api: Api) -> None:
        api.get("admin/jobs/health")  # marks the token as used
        with CaptureQueriesContext(connection) as few:
            api.get("admin/jobs/health")
        make_jobs(50, Status.FAILED)
        make_jobs(50)
        with CaptureQueriesContext(connection) as many:
            api.get("admin/jobs/health")
        assert len(many) == len(few)
