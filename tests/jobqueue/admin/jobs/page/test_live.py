"""What an open page of an unfinished job fetches."""

import html
import re
from datetime import timedelta
from uuid import UUID

from django.test import Client
from django.utils import timezone

from jobqueue.api import enqueue
from jobqueue.models import Job, LogLine
from jobqueue.states import Status
from tests.jobqueue.admin.pages import job_url, text_of
from tests.jobqueue.factories import make_attempt, make_job, make_log_lines


def poll(page: str) -> str:
    """The query with which this answer says to ask next; empty if it says to ask no more."""
    found = re.search(r'id="job-poll" hidden hx-get="([^"]*)"', page)
    assert 'id="job-poll"' in page
    return html.unescape(found[1]) if found else ""


def first(client: Client, job: UUID, query: str = "") -> str:
    """The whole page."""
    return client.get(job_url(job) + query).content.decode()


def then(client: Client, job: UUID, query: str) -> str:
    """What the page fetches."""
    return client.get(job_url(job) + query, headers={"HX-Request": "true"}).content.decode()


def log(job: Job, number: int, text: str, level: str = "INFO", claim: int = 1) -> None:
    """One more line."""
    LogLine.objects.create(job_id=job.pk, claim=claim, number=number, time=timezone.now(), level=level, text=text)


def test_progress_moves_and_the_page_stops_asking_when_the_job_has_ended(alice: Client) -> None:
    job = make_job(Status.RUNNING, progress_done=3, progress_total=8)
    page = first(alice, job.pk)
    assert 'hx-trigger="every 2s' in page
    assert "document.visibilityState" in page

    Job.objects.filter(pk=job.pk).update(progress_done=5)
    part = then(alice, job.pk, poll(page))
    assert "<html" not in part
    assert 'value="5" max="8"' in part

    Job.objects.filter(pk=job.pk).update(
        status=Status.SUCCEEDED, worker=None, finished_at=timezone.now(), result={"written": 4}
    )
    end = then(alice, job.pk, poll(part))
    assert '"written": 4' in text_of(end)
    assert poll(end) == ""
    assert poll(first(alice, job.pk)) == ""


def test_only_new_lines_of_the_log_are_sent(alice: Client) -> None:
    job = make_job(Status.RUNNING)
    make_log_lines(job, 3)
    page = first(alice, job.pk)
    log(job, 3, "the fourth")
    log(job, 4, "the fifth <b>")

    part = then(alice, job.pk, poll(page))
    assert 'hx-swap-oob="beforeend:#job-log-lines"' in part
    assert "line 2." not in part
    assert part.index("the fourth") < part.index("the fifth &lt;b&gt;")
    assert "job-log-lines" not in then(alice, job.pk, poll(part))


def test_lines_of_the_next_attempt_follow(alice: Client) -> None:
    job = make_job(Status.RUNNING, claim=2)
    make_log_lines(job, 3)
    page = first(alice, job.pk)
    log(job, 1, "again", claim=2)
    assert "again" in then(alice, job.pk, poll(page))


def test_a_flood_of_lines_comes_in_parts_and_whole(alice: Client) -> None:
    job = make_job(Status.RUNNING)
    query = poll(first(alice, job.pk))
    make_log_lines(job, 700)
    Job.objects.filter(pk=job.pk).update(status=Status.SUCCEEDED, worker=None, finished_at=timezone.now())
    seen: list[str] = []
    while query:
        part = then(alice, job.pk, query)
        seen += re.findall(r"line (\d+)\.", part)
        query = poll(part)
    assert seen == [str(n) for n in range(700)]


def test_the_wanted_level_stays(alice: Client) -> None:
    job = make_job(Status.RUNNING)
    log(job, 1, "quiet")
    log(job, 2, "loud", "ERROR")
    page = first(alice, job.pk, "?level=WARNING")
    assert "loud" in page
    assert "quiet" not in page
    log(job, 3, "quiet again")
    log(job, 4, "loud again", "CRITICAL")
    part = then(alice, job.pk, poll(page))
    assert "loud again" in part
    assert "quiet again" not in part
    assert "level=WARNING" in poll(part)


def test_what_has_not_changed_is_left_alone(alice: Client) -> None:
    job = make_job(Status.RETRYING, run_at=timezone.now() + timedelta(hours=1))
    make_attempt(job)
    enqueue("noop", depends_on=[job.pk])
    page = first(alice, job.pk)
    part = then(alice, job.pk, poll(page))
    for name in ("job-attempts", "job-family", "job-state", "job-facts"):
        assert f'id="{name}"' in page
        assert f'id="{name}"' not in part
    make_attempt(job, 2)
    part = then(alice, job.pk, poll(page))
    assert 'id="job-attempts"' in part
    assert 'id="job-family"' not in part


def test_a_change_of_a_relative_changes_the_graph(alice: Client) -> None:
    parent = make_job(Status.RUNNING)
    child = enqueue("noop", depends_on=[parent.pk]).id
    page = first(alice, child)
    Job.objects.filter(pk=parent.pk).update(status=Status.FAILED, worker=None, finished_at=timezone.now())
    part = then(alice, child, poll(page))
    assert 'id="job-family" hx-swap-oob="true"' in part
    assert "jq-node jq-failed" in part


def test_nonsense_in_the_query_does_no_harm(alice: Client) -> None:
    job = make_job(Status.RUNNING)
    make_log_lines(job, 1)
    for query in ("?log=x", "?log=9-9-9", "?log=" + "9" * 99 + "-1", "?log=1-%00", "?state=%00&level=%00", "?log=²-1"):
        assert alice.get(job_url(job.pk) + query, headers={"HX-Request": "true"}).status_code == 200, query
