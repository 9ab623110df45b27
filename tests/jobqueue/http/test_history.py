"""What schedules, worker cycles and people did, over the API."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from jobqueue import scheduler
from jobqueue.models import Job, Occurrence, Schedule, WorkerCycle
from jobqueue.models.occurrence import Trigger
from jobqueue.states import Status
from tests.coachdash.factories import coach
from tests.jobqueue.factories import make_job, make_schedule
from tests.jobqueue.http.calling import Api, by_log_in, make_user

pytestmark = pytest.mark.django_db


def make_run(schedule: Schedule, minute: int, job: Job | None = None) -> Occurrence:
    moment = timezone.now().replace(minute=minute, second=0, microsecond=0)
    given = {"schedule": schedule, "scheduled_at": moment, "fired_at": moment, "trigger": Trigger.SCHEDULE}
    return Occurrence.objects.create(**given, job=job, skipped="" if job else "overlap")


def test_runs_with_metrics_by_schedule_customer_and_status(api: Api) -> None:
    carol = coach("carol")
    own, other = make_schedule("own", scope={"coach": carol.pk}), make_schedule("other")
    done = make_job(Status.SUCCEEDED, result={"accounts": 3, "name": "x"}, schedule=own)
    run = make_run(own, 1, done)
    skipped = make_run(own, 2)
    other_run = make_run(other, 3, make_job(Status.FAILED, schedule=other))

    def found(query: str) -> list[int]:
        return [one["id"] for one in api.get(f"admin/job-runs?{query}").json["runs"]]

    assert found("") == [other_run.pk, skipped.pk, run.pk]
    assert found(f"customer_id={carol.pk}") == [skipped.pk, run.pk]
    assert found(f"schedule={other.pk}") == [other_run.pk]
    assert found("status=succeeded") == [run.pk]
    assert found("status=completed") == [run.pk]
    assert found("status=skipped") == [skipped.pk]
    assert found(f"brand_id=1&customer_id={carol.pk}") == []
    (shown,) = api.get("admin/job-runs?status=succeeded").json["runs"]
    assert (shown["metrics"], shown["job_id"]) == ({"accounts": 3}, str(done.pk))
    page = api.get("admin/job-runs?limit=2").json
    assert page["next_cursor"] == skipped.pk
    assert found(f"cursor={skipped.pk}") == [run.pk]


def test_what_a_schedule_just_did_is_there(api: Api) -> None:
    schedule = make_schedule()
    scheduler.run_schedule(schedule)
    (shown,) = api.get("admin/job-runs").json["runs"]
    assert (shown["name"], shown["trigger"], shown["status"]) == (schedule.name, "manual", "pending")


def test_cycles_in_pages(api: Api) -> None:
    cycles = [WorkerCycle.objects.create(source=source) for source in ("http", "crontab", "http")]
    page = api.get("admin/cron/runs?source=http&limit=1").json
    assert [one["id"] for one in page["runs"]] == [str(cycles[2].pk)]
    page = api.get(f"admin/cron/runs?source=http&cursor={page['nextCursor']}").json
    assert [one["id"] for one in page["runs"]] == [str(cycles[0].pk)]
    assert page["nextCursor"] is None
    assert api.get("admin/cron/runs?source=moon").status == 422


def test_the_audit_log_by_action_person_and_object(api: Api, alice: User) -> None:
    jobs = [make_job(), make_job()]
    for job in jobs:
        api.post(f"admin/jobs/{job.pk}/cancel", {"reason": "x"})
    api.post(f"admin/jobs/{jobs[0].pk}/retry")
    entries = api.get(f"admin/audit-logs?user={alice.pk}&action=JOB_CANCEL&from=2020-01-01T00:00:00Z").json["entries"]
    assert [one["objectId"] for one in entries] == [str(jobs[1].pk), str(jobs[0].pk)]
    assert entries[0]["before"]["status"] == "pending"
    page = api.get(f"admin/audit-logs?objectType=job&objectId={jobs[0].pk}&limit=1").json
    assert page["entries"][0]["action"] == "JOB_RETRY"
    page = api.get(f"admin/audit-logs?objectType=job&objectId={jobs[0].pk}&cursor={page['nextCursor']}").json
    assert [one["action"] for one in page["entries"]] == ["JOB_CANCEL"]


@pytest.mark.parametrize("path", ["admin/audit-logs", "admin/job-runs", "admin/cron/runs"])
def test_none_of_it_is_for_a_coach(path: str) -> None:
    assert by_log_in(make_user("coach")).get(path).status == 403
