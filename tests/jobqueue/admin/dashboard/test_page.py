"""The dashboard: why data does not arrive, at a glance, for who may see jobs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobqueue import pauses
from jobqueue.models import Failure, SchedulerBeat, Throughput, Worker
from jobqueue.states import Status
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.pages import text_of
from tests.jobqueue.factories import make_job, make_jobs, make_schedule, make_worker
from tests.jobqueue.throughput.rows import minutes_ago, ran

INDEX = "/admin/"


def signals(client: Client) -> dict[str, Any]:
    """By label, from the part that refreshes itself."""
    response: Any = client.get(reverse("admin:jobqueue_dashboard"))
    return {signal.label: signal for signal in response.context_data["signals"]}


def well() -> None:
    """A worker that beats, and its scheduler."""
    make_worker()
    SchedulerBeat.objects.create(at=timezone.now(), source="worker", holder="host-1:1")


class TestWhyNothingArrives:
    def test_nothing_is_wrong(self, alice: Client) -> None:
        well()
        make_schedule(task_type="game_platform_sync")

        assert {signal.level for label, signal in signals(alice).items() if label != "Game platform"} == {"healthy"}

    def test_nothing_syncs_by_itself(self, alice: Client) -> None:
        well()
        make_schedule(task_type="game_platform_sync", is_active=False)

        signal = signals(alice)["Sync schedule"]
        assert (signal.level, signal.message) == (
            "warning",
            "Nothing syncs by itself: every schedule of the sync is switched off.",
        )

    def test_processing_is_off(self, alice: Client) -> None:
        well()
        pauses.pause(reason="maintenance until nine")

        signal = signals(alice)["Processing"]
        assert (signal.level, signal.url) == ("warning", "/admin/jobqueue/pause/")
        assert "maintenance until nine" in signal.message
        assert "Processing is off: no job starts" in alice.get(INDEX).content.decode()

    def test_no_worker_is_alive(self, alice: Client) -> None:
        signal = signals(alice)["Workers"]
        assert (signal.level, signal.url) == ("critical", "/admin/jobqueue/worker/")

    def test_no_scheduler_ticks(self, alice: Client) -> None:
        make_worker()
        make_schedule()

        assert signals(alice)["Schedules"].level == "critical"

    def test_a_job_fails(self, alice: Client) -> None:
        well()
        job = make_job(Status.FAILED)
        now = timezone.now()
        Failure.objects.create(
            task_type="noop", fingerprint="f" * 16, error_code="AUTH_ERROR", error_message="refused", count=1,
            first_seen_at=now, last_seen_at=now, last_job=job,
        )  # fmt: skip
        ran(minutes_ago(2), 1, outcome="error", status="failed")

        signal = signals(alice)["Failures"]
        assert (signal.level, signal.url) == ("warning", "/admin/jobqueue/job/?status=failed")
        assert "AUTH_ERROR" in signal.message

    def test_jobs_wait_for_too_long(self, alice: Client) -> None:
        well()
        make_job(run_at=timezone.now() - timedelta(hours=1))

        assert signals(alice)["Waiting"].level == "warning"


class TestThePage:
    def test_opens_while_there_is_nothing(self, alice: Client) -> None:
        page = text_of(alice.get(INDEX).content.decode())

        for said in ("Broken: Workers", "run_worker", "There are no schedules yet", "Nothing has run"):
            assert said in page

    def test_shows_what_ran_failed_and_is_to_run(self, alice: Client) -> None:
        well()
        make_schedule("every half hour")
        ran(minutes_ago(3), 1_234)
        ran(minutes_ago(3), 6, outcome="error", status="dead", seconds=60.0, longest=30.0)

        page = text_of(alice.get(INDEX).content.decode())

        for said in ("1,240 in the last hour", "6 in the last hour", "every half hour", "host-1:4711", "≤"):
            assert said in page

    @pytest.mark.parametrize(("span", "total"), [("1h", 1), ("24h", 11), ("7d", 111), ("nonsense", 1)])
    def test_looks_as_far_back_as_asked(self, alice: Client, span: str, total: int) -> None:
        for minutes, count in ((1, 1), (120, 10), (60 * 48, 100)):
            ran(minutes_ago(minutes), count)

        response: Any = alice.get(reverse("admin:jobqueue_dashboard"), {"span": span})

        assert response.context_data["charts"][0].total == total

    def test_has_no_inline_style_or_script(self, alice: Client) -> None:
        ran(minutes_ago(3), 5)
        part = alice.get(reverse("admin:jobqueue_dashboard")).content.decode()
        assert "style=" not in part
        assert "<script" not in part

    def test_says_the_chart_as_a_table(self, alice: Client) -> None:
        ran(minutes_ago(3), 77)
        assert "<td>77</td>" in alice.get(reverse("admin:jobqueue_dashboard")).content.decode()


class TestWhoMaySee:
    def test_nobody_without_jobs(self, sign_in: SignIn) -> None:
        carol = sign_in("carol", "view_schedule")

        assert carol.get(reverse("admin:jobqueue_dashboard")).status_code == 403
        assert 'id="dashboard"' not in carol.get(INDEX).content.decode()

    def test_workers_and_schedules_only_who_may_see_them(self, sign_in: SignIn) -> None:
        well()
        make_schedule("every half hour")
        page = sign_in("dave", "view_job").get(INDEX).content.decode()

        assert "every half hour" not in page
        assert "host-1:4711" not in page

    def test_strangers_are_sent_to_log_in(self, client: Client, db: None) -> None:
        assert client.get(reverse("admin:jobqueue_dashboard")).status_code == 302


def test_it_costs_the_same_for_little_and_for_much(alice: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            alice.get(reverse("admin:jobqueue_dashboard"))
        return len(captured)

    well()
    make_schedule("one")
    ran(minutes_ago(3))
    make_job(Status.FAILED)
    before = queries()
    for number in range(20):
        make_schedule(f"more {number}")
        ran(minutes_ago(number), task_type=f"type_{number}")
    make_jobs(20, Status.RUNNING)
    make_jobs(20, Status.FAILED)

    assert queries() == before
    assert (Worker.objects.count(), Throughput.objects.count()) == (21, 21)


def test_a_get_changes_nothing(alice: Client) -> None:
    assert alice.post(reverse("admin:jobqueue_dashboard")).status_code == 405
