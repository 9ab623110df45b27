"""Workers & Health: checks, cycles by source, the database."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobqueue import health
from jobqueue.models import WorkerCycle
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.pages import text_of
from tests.jobqueue.factories import make_job

WORKERS = "/admin/jobqueue/worker/"
CYCLES = "/admin/jobqueue/workercycle/"


def make_cycle(**fields: Any) -> WorkerCycle:
    """One that ended well."""
    given = {"source": "http", "status": "ok", "status_code": 200, "finished_at": timezone.now(), "started_by": "eve"}
    return WorkerCycle.objects.create(**{**given, **fields})


def failed_cycle() -> WorkerCycle:
    """One with a failed job."""
    job = make_job()
    told = {"jobId": str(job.pk), "taskType": "noop", "outcome": "error", "status": "dead", "seconds": 0.25,
            "code": "AUTH_ERROR", "message": "the <b>token</b> was refused"}  # fmt: skip
    return make_cycle(source="crontab", processed=3, succeeded=2, failed=1, errors=[told], results=[told])


def test_every_check_is_there_with_its_sentence(alice: Client) -> None:
    page = text_of(alice.get(WORKERS).content.decode())

    for check in health.check().checks.values():
        if check.value is None or isinstance(check.value, int):
            assert check.message in page


def test_cycles_are_told_with_code_numbers_and_first_error(alice: Client) -> None:
    failed_cycle()
    page = alice.get(WORKERS).content.decode()

    assert "AUTH_ERROR, the &lt;b&gt;token&lt;/b&gt; was refused" in page
    response: Any = alice.get(WORKERS)
    by_source = {one.source.value: one for one in response.context_data["sources"]}
    assert (by_source["crontab"].cycles, by_source["crontab"].processed) == (1, 3)
    assert (by_source["http"].latest, by_source["http"].cycles) == (None, 0)


def test_the_page_of_a_cycle_shows_its_jobs(alice: Client) -> None:
    page = text_of(alice.get(f"{CYCLES}{failed_cycle().pk}/change/").content.decode())

    for said in ("AUTH_ERROR", "3 processed, 2 succeeded, 1 failed", "250 ms"):
        assert said in page


def test_the_list_of_cycles_is_filtered_by_source_and_status(alice: Client) -> None:
    make_cycle(started_by="over http")
    make_cycle(source="manual", status="failed", status_code=500, started_by="by hand")

    for query, shown in (({"source": "manual"}, "by hand"), ({"status": "ok"}, "over http")):
        response: Any = alice.get(CYCLES, query)
        assert [cycle.started_by for cycle in response.context_data["cl"].result_list] == [shown]


def test_cycles_are_not_edited(alice: Client) -> None:
    cycle = make_cycle()

    assert alice.post(f"{CYCLES}{cycle.pk}/change/", {"status": "failed"}).status_code == 405
    assert alice.post(f"{CYCLES}{cycle.pk}/delete/", {"post": "yes"}).status_code == 403
    assert alice.get(f"{CYCLES}add/").status_code == 403


def test_who_may_see_workers_sees_their_cycles(bob: Client, sign_in: SignIn) -> None:
    assert bob.get(CYCLES).status_code == 200
    assert sign_in("dave", "view_job").get(CYCLES).status_code == 403


def test_it_costs_the_same_for_little_and_for_much(alice: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            alice.get(WORKERS)
        return len(captured)

    failed_cycle()
    before = queries()
    for _ in range(20):
        make_cycle()
        failed_cycle()
    assert queries() == before


def test_the_database_tells_of_its_tables(alice: Client) -> None:
    page = text_of(alice.get(WORKERS, headers={"HX-Request": "true"}).content.decode())

    for said in ("jobqueue_job", "Oldest transaction", "Autovacuum", "PostgreSQL"):
        assert said in page


def test_links_lead_to_each_cycle_and_source(alice: Client) -> None:
    cycle = make_cycle(started_at=timezone.now() - timedelta(minutes=5))
    page = alice.get(WORKERS).content.decode()

    assert reverse("admin:jobqueue_workercycle_change", args=[cycle.pk]) in page
    assert f"{CYCLES}?source=http" in page
