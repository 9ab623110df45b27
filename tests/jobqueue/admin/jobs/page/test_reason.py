"""Why a job waits, said with links on whatever it waits for."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from jobqueue.api import enqueue
from jobqueue.models import Job
from jobqueue.models.pause import PauseScope
from jobqueue.pauses import pause
from jobqueue.states import Status
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.pages import job_url, text_of
from tests.jobqueue.factories import make_job, make_worker

PAUSES, WORKERS = (reverse(f"admin:jobqueue_{name}_changelist") for name in ("pause", "worker"))


def why(client: Client, job: Job) -> str:
    """The sentence, as HTML."""
    page = client.get(job_url(job.pk)).content.decode()
    return page.partition('<p class="jq-waiting">')[2].partition("</p>")[0]


def due(**fields: Any) -> Job:
    """A job that has been due for a minute."""
    return make_job(**{"run_at": timezone.now() - timedelta(minutes=1), **fields})


@pytest.mark.parametrize(
    ("scope", "name", "words"),
    [
        (PauseScope.EVERYTHING, "", "Everything is paused"),
        (PauseScope.QUEUE, "default", "Queue default is paused"),
        (PauseScope.TASK_TYPE, "noop", "Task type noop is paused"),
    ],
)
def test_a_pause_is_linked(alice: Client, scope: PauseScope, name: str, words: str) -> None:
    pause(reason="<b>until</b> 10:12", scope=scope, name=name, ends_at=timezone.now() + timedelta(hours=2))
    html = why(alice, due())
    assert f'<a href="{PAUSES}">{words}</a> since <time data-says="exact"' in html
    assert 'until <time data-says="exact"' in html
    assert "&lt;b&gt;until&lt;/b&gt; 10:12" in html


def test_a_dependency_is_linked_and_so_are_the_others(alice: Client) -> None:
    failed = make_job(Status.FAILED)
    others = [make_job(Status.RUNNING).pk for _ in range(4)]
    job = Job.objects.get(pk=enqueue("noop", depends_on=[failed.pk, *others]).id)
    html = why(alice, job)
    assert f'<a href="{job_url(failed.pk)}">{failed.short_id}</a> (noop), which failed' in html
    assert f'related=depends_on%3A{job.pk}">4 more</a>' in html


def test_who_has_the_place_of_a_concurrency_key_is_linked(alice: Client) -> None:
    holders = [make_job(Status.RUNNING, concurrency_key="more", concurrency_limit=2) for _ in range(2)]
    html = why(alice, due(concurrency_key="more", concurrency_limit=2))
    for holder in holders:
        assert f'<a href="{job_url(holder.pk)}">{holder.short_id}</a>' in html


def test_a_free_place_leads_to_the_key_among_the_facts(alice: Client) -> None:
    job = due(concurrency_key="k", concurrency_limit=2, parked="limited", blockers=1)
    assert '<a href="#facts">Concurrency key k</a>' in why(alice, job)


def test_the_time_when_it_is_due_is_told_in_the_readers_zone(alice: Client) -> None:
    html = why(alice, make_job(run_at=timezone.now() + timedelta(hours=3)))
    assert 'It is due at <time data-says="exact"' in html


def test_missing_workers_lead_to_the_workers(alice: Client) -> None:
    assert f'<a href="{WORKERS}">No worker</a> is running' in why(alice, due())
    make_worker(queues=["mail"])
    assert f'takes <a href="{WORKERS}">queue default</a>' in why(alice, due())


def test_switched_off_workers_lead_to_the_workers(alice: Client, settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "DISABLED": True}
    assert f'<a href="{WORKERS}">All workers</a> are switched off' in why(alice, due())


def test_the_jobs_before_it_are_a_list(alice: Client) -> None:
    make_worker()
    due(run_at=timezone.now() - timedelta(hours=1))
    html = why(alice, due())
    assert "status=pending&amp;queue=default" in html
    assert "about 1 job comes</a> before it" in html


def test_the_sentence_is_the_one_that_commands_say(alice: Client) -> None:
    from jobqueue.waiting import why_waiting

    job = due()
    assert text_of(why(alice, job)) == f"Why is it waiting? {why_waiting(job).sentence}"


def test_what_one_may_not_see_is_not_linked(sign_in: SignIn) -> None:
    carol = sign_in("carol", "view_job")
    assert "<a" not in why(carol, due())
    pause(reason="maintenance")
    assert "Everything is paused" in why(carol, due())
    assert "<a" not in why(carol, due())
