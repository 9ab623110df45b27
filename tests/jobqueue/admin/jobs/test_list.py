"""The job list: what it shows, what it costs, and how it refreshes itself."""

import gzip
from datetime import timedelta
from hashlib import sha256

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobqueue.admin import counts
from jobqueue.models import Job
from jobqueue.states import Priority, Status
from tests.jobqueue.admin.pages import JOBS, job_url, listed
from tests.jobqueue.factories import make_job, make_jobs, make_schedule


def test_a_row_shows_what_an_operator_needs(alice: Client) -> None:
    job = make_job(Status.RUNNING, payload={"coachId": 17}, priority=Priority.HIGH, progress_done=3, progress_total=8)
    page = alice.get(JOBS).content.decode()
    for shown in (job.short_id, "Noop", "coach 17", "Running", "⚡", 'value="3" max="8"', "High", "1 / 5"):
        assert shown in page


def test_a_waiting_job_whose_time_has_passed_is_overdue(alice: Client) -> None:
    make_job(run_at=timezone.now() - timedelta(minutes=12, seconds=1))
    assert "overdue by 12 min" in alice.get(JOBS).content.decode()


def test_a_job_of_a_schedule_and_an_error_are_marked(alice: Client) -> None:
    make_job(Status.FAILED, schedule=make_schedule(), error_message="the token was refused" * 20)
    page = alice.get(JOBS).content.decode()
    assert "↻" in page
    assert "AUTH_ERROR" in page
    assert "the token was refused" * 20 not in page


def test_markup_in_a_payload_or_an_error_is_only_text(alice: Client) -> None:
    make_job(Status.FAILED, payload={"a": "<script>alert(1)</script>"}, error_message="<img src=x onerror=y>")
    page = alice.get(JOBS).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "<img src=x" not in page


def test_tiles_count_each_state_and_lead_to_it(alice: Client) -> None:
    make_jobs(3, Status.FAILED)
    make_job()
    page = alice.get(JOBS).content.decode()
    assert 'href="?status=failed"' in page
    tile = page.partition('href="?status=failed"')[2].partition("</a>")[0]
    assert '<span class="jq-tile-count">3</span>' in tile


@pytest.mark.parametrize(
    "query", ["", "?status=failed", "?q=noop", "?task_type=noop&date=hour", "?error_code=AUTH_ERROR"]
)
def test_the_number_of_queries_does_not_grow_with_the_rows(alice: Client, query: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert alice.get(JOBS + query).status_code == 200
        return len(captured)

    make_job(Status.FAILED)
    alone = queries()
    make_jobs(60, Status.FAILED, schedule=make_schedule())
    assert queries() == alone


def test_nothing_counts_or_reads_without_a_limit(alice: Client) -> None:
    make_jobs(3, Status.FAILED)
    with CaptureQueriesContext(connection) as captured:
        alice.get(JOBS + "?task_type=noop&queue=default&date=week")
    about_jobs = [query["sql"] for query in captured if "jobqueue_job" in query["sql"]]
    assert about_jobs
    assert [sql for sql in about_jobs if "LIMIT" not in sql] == []
    assert not any('"result"' in sql or '"checkpoint"' in sql for sql in about_jobs)


def test_a_count_beyond_the_cap_says_so(db: None) -> None:
    make_jobs(4)
    assert str(counts.capped(Job.objects.all(), 3)) == "3+"
    assert str(counts.capped(Job.objects.all(), 4)) == "4"
    assert str(counts.Count.upto(10_000, 10_001)) == "10k+"


def test_pages_go_by_key_newest_first(alice: Client) -> None:
    jobs = make_jobs(60)
    assert listed(alice) == jobs[:9:-1]
    assert listed(alice, before=jobs[10].pk) == jobs[9::-1]
    assert f"?before={jobs[10].pk}" in alice.get(JOBS).content.decode()
    assert "Newest" in alice.get(JOBS, {"before": str(jobs[10].pk)}).content.decode()


def test_a_page_key_that_is_none_is_ignored(alice: Client) -> None:
    job = make_job()
    assert listed(alice, before="x") == [job]


def test_the_refresh_is_the_same_address_without_the_page_around(alice: Client) -> None:
    job = make_job()
    part = alice.get(JOBS + "?status=pending", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert job_url(job.pk) in part
    assert 'id="job-top"' in part
    assert 'hx-get="/admin/jobqueue/job/?status=pending"' in part


def test_an_empty_list_says_what_to_do_next(alice: Client) -> None:
    assert b"No jobs yet" in alice.get(JOBS).content
    make_job()
    assert b"No job matches" in alice.get(JOBS + "?status=dead").content


def test_who_has_no_permission_sees_nothing(client: Client, db: None) -> None:
    assert client.get(JOBS).status_code == 302
    client.force_login(User.objects.create_user("charlie", is_staff=True))
    assert client.get(JOBS).status_code == 403


def test_jobs_are_never_added_or_edited_by_a_form(alice: Client) -> None:
    job = make_job()
    assert alice.get(JOBS + "add/").status_code == 403
    assert alice.post(job_url(job.pk), {"status": "succeeded"}).status_code == 405
    assert alice.get(f"{JOBS}{job.pk}/delete/").status_code == 403


def test_fifty_heavy_rows_weigh_little(alice: Client) -> None:
    schedule = make_schedule(kind="interval", interval=timedelta(minutes=60), expression="")
    for number in range(50):
        noise = sha256(str(number).encode()).hexdigest()
        make_job(
            Status.FAILED,
            schedule=schedule,
            payload={
                "coachId": number,
                "dryRun": False,
                "note": noise * 4,
                "names": [noise[:20]] * 9,
                "blob": noise * 40,
            },
            error_message=f"{noise}: the platform refused {noise[::-1]} " * 5,
            fingerprint=noise[:16],
            queue="slow",
        )
    page = alice.get(JOBS, headers={"accept-encoding": "gzip"})
    assert len(gzip.compress(page.content)) <= 60_000
    assert alice.get(JOBS).content.decode().count("↻ 60m") == 50


def test_a_payload_is_summed_up_as_people_read_it(alice: Client) -> None:
    make_job(payload={"dryRun": False, "coachId": 3, "after": None, "names": ["a", "b"], "deep": {"x": [1]}})
    page = alice.get(JOBS).content.decode()
    assert "after" not in page.partition("jq-summary")[2].partition("</div>")[0]
    assert all(said in page for said in ("dryRun: no", "coach 3", "names: a, b", "deep: {…}"))


def test_a_payload_of_a_megabyte_is_told_by_its_size(alice: Client) -> None:
    make_job(payload={"blob": "".join(sha256(str(n).encode()).hexdigest() for n in range(16_384))})
    page = alice.get(JOBS).content.decode()
    assert "of payload" in page
    assert len(page) < 200_000
