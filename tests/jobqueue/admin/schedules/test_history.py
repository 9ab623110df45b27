"""The history of schedules: the page of all, of one, and everything about one run."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobqueue.models import Job, Occurrence, Schedule
from jobqueue.models.occurrence import Skipped, Trigger
from jobqueue.scheduler import run_schedule
from jobqueue.states import Status
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.pages import job_url
from tests.jobqueue.factories import make_job, make_schedule

HISTORY = "/admin/jobqueue/schedule/history/"
MINUTE = timedelta(minutes=1)


def history_of(schedule: Schedule) -> str:
    return f"/admin/jobqueue/schedule/{schedule.pk}/history/"


def details_of(occurrence: Occurrence) -> str:
    return f"{HISTORY}{occurrence.pk}/"


def ran(schedule: Schedule, status: Status = Status.SUCCEEDED, *, ago: timedelta = MINUTE, **fields: Any) -> Occurrence:
    trigger = fields.pop("trigger", Trigger.SCHEDULE)
    at = timezone.now() - ago
    job = make_job(status, schedule=schedule, occurrence=at, **fields)
    return Occurrence.objects.create(schedule=schedule, scheduled_at=at, fired_at=at, trigger=trigger, job_id=job.pk)


def skipped(schedule: Schedule, reason: Skipped, *, ago: timedelta = MINUTE, **fields: Any) -> Occurrence:
    at = timezone.now() - ago
    return Occurrence.objects.create(
        schedule=schedule, scheduled_at=at, fired_at=at, trigger=Trigger.SCHEDULE, skipped=reason, **fields
    )


def text_of(client: Client, page: str, **query: Any) -> str:
    response = client.get(page, query)
    assert response.status_code == 200
    return response.content.decode()


def shown(client: Client, page: str = HISTORY, **query: Any) -> list[int]:
    response: Any = client.get(page, query)
    return [run.id for run in response.context_data["runs"]]


def test_a_run_shows_trigger_status_duration_metrics_and_the_first_line_of_its_error(bob: Client) -> None:
    schedule = make_schedule("nightly")
    ran(schedule, result={"requestsMade": 12, "items_collected": 3400, "share": 0.25, "text": "x"})
    ran(schedule, Status.FAILED, ago=2 * MINUTE, error_message="no such account\nTraceback: secret detail")
    page = text_of(bob, history_of(schedule))
    for part in ("✅", "5.00 s", "requests made <b>12</b>", "items collected <b>3,400</b>", "share <b>0.25</b>"):
        assert part in page
    assert ">no such account</bdi>" in page
    assert "1 of 2 runs here failed" in page


@pytest.mark.parametrize("status", Status)
def test_every_state_has_its_pill(bob: Client, status: Status) -> None:
    ran(make_schedule(), status)
    assert f'jq-pill jq-{status.value}"' in text_of(bob, HISTORY)


@pytest.mark.parametrize("trigger", Trigger)
def test_every_trigger_is_told(bob: Client, trigger: Trigger) -> None:
    ran(make_schedule(), trigger=trigger)
    assert f'<td data-label="Trigger">{trigger.label}</td>' in text_of(bob, HISTORY)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (Skipped.MISSED, "skipped: missed \N{MULTIPLICATION SIGN}1,234"),
        (Skipped.OVERLAP, "skipped: overlap \N{MULTIPLICATION SIGN}1,234"),
        (Skipped.JOINED, "skipped: already queued \N{MULTIPLICATION SIGN}1,234"),
        (Skipped.INVALID, "skipped: not valid \N{MULTIPLICATION SIGN}1,234"),
    ],
)  # fmt: skip
def test_a_skipped_time_says_why_and_for_how_many_it_stands(bob: Client, reason: Skipped, told: str) -> None:
    occurrence = skipped(make_schedule(), reason, times=1_234, error="the payload is no good")
    page = text_of(bob, HISTORY)
    assert told in page
    assert "the payload is no good" in page
    assert reason.label in text_of(bob, details_of(occurrence))


def test_a_run_that_is_under_way_says_since_when(bob: Client) -> None:
    ran(make_schedule(), Status.RUNNING)
    assert '<span class="jq-note">since</span>' in text_of(bob, HISTORY)


def test_a_deleted_job_leaves_its_story_but_no_link(bob: Client) -> None:
    schedule = make_schedule()
    occurrence = ran(schedule, Status.DEAD, result={"tried": 3}, error_message="the platform was away")
    assert occurrence.job_id is not None
    assert job_url(occurrence.job_id) in text_of(bob, details_of(occurrence))
    Job.objects.all().delete()
    for page in (history_of(schedule), details_of(occurrence)):
        text = text_of(bob, page)
        for part in ("💀", "tried <b>3</b>", "the platform was away", "5.00 s"):
            assert part in text
        assert job_url(occurrence.job_id) not in text
    assert "deleted; its history is kept here" in text_of(bob, details_of(occurrence))


def test_a_run_without_any_trace_of_its_job_is_shown_as_that(bob: Client) -> None:
    occurrence = ran(make_schedule())
    Occurrence.objects.update(job_id=None)
    assert ">gone</span>" in text_of(bob, HISTORY)
    assert text_of(bob, details_of(occurrence))


def test_details_tell_everything_in_a_dialog_or_on_a_page(bob: Client) -> None:
    metrics = {f"metric{n}": n + 1 for n in range(9)}
    occurrence = ran(make_schedule(), Status.FAILED, result=metrics, error_message="no such account\nline two")
    assert "+6" in text_of(bob, HISTORY)
    page = text_of(bob, details_of(occurrence))
    assert "<html" in page
    dialog = bob.get(details_of(occurrence), headers={"HX-Request": "true"}).content.decode()
    assert 'id="dialog"' in dialog
    assert "<html" not in dialog
    for text in (page, dialog):
        assert "metric8 <b>9</b>" in text
        assert "no such account\nline two" in text
        assert f"{occurrence.scheduled_at:%Y-%m-%d %H:%M:%S} UTC" in text


def test_pages_go_by_key_and_no_run_is_on_two(bob: Client) -> None:
    one, other = make_schedule("one"), make_schedule("other")
    ids = [ran(schedule, ago=n * MINUTE).pk for n in range(120, 0, -1) for schedule in (one, other)][::-1]
    assert shown(bob) == ids[:50]
    assert shown(bob, before=ids[49]) == ids[50:100]
    assert f"?before={ids[49]}" in text_of(bob, HISTORY)
    own = [key for key in ids if key % 2 == ids[1] % 2]
    assert shown(bob, history_of(one)) == own[:50]
    assert shown(bob, history_of(one), before=own[49]) == own[50:100]
    assert shown(bob, history_of(one), before=own[99]) == own[100:]
    assert "Newest" in text_of(bob, history_of(one), before=own[99])


@pytest.mark.parametrize("before", ["x", "-1", "٣", "9" * 19, "9" * 40])
def test_a_page_key_that_is_none_breaks_nothing(bob: Client, before: str) -> None:
    ran(make_schedule())
    assert bob.get(HISTORY, {"before": before}).status_code == 200


def test_failures_alone_are_shown_on_request(bob: Client) -> None:
    schedule = make_schedule()
    ran(schedule)
    bad = [ran(schedule, Status.FAILED, ago=2 * MINUTE).pk, ran(schedule, Status.DEAD, ago=3 * MINUTE).pk]
    invalid = skipped(schedule, Skipped.INVALID, ago=4 * MINUTE).pk
    skipped(schedule, Skipped.OVERLAP, ago=5 * MINUTE)
    assert sorted(shown(bob, show="failures")) == sorted(shown(bob, history_of(schedule), show="failures"))
    assert sorted(shown(bob, show="failures")) == [*bad, invalid]


def test_the_number_of_queries_does_not_grow_with_the_runs(bob: Client) -> None:
    def queries(page: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(bob, page)
        return len(captured)

    schedule = make_schedule()
    ran(schedule)
    pages = [HISTORY, history_of(schedule), f"/admin/jobqueue/schedule/{schedule.pk}/change/"]
    text_of(bob, pages[2])  # fills caches that last
    few = [queries(page) for page in pages]
    for n in range(2, 60):
        ran(schedule, Status.FAILED, ago=n * MINUTE)
    assert [queries(page) for page in pages] == few


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "\u202egnp.exe ⚡"])
def test_hostile_names_errors_and_metrics_are_only_text(bob: Client, text: str) -> None:
    schedule = make_schedule(text)
    occurrence = ran(schedule, Status.FAILED, error_message=text, result={text: 1})
    for page in (HISTORY, history_of(schedule), details_of(occurrence)):
        shown_text = text_of(bob, page)
        assert "<script>alert" not in shown_text
        assert "<img src=x" not in shown_text
        assert "<bdi" in shown_text


def test_the_first_page_refreshes_itself_and_later_ones_stand_still(bob: Client) -> None:
    occurrence = ran(make_schedule())
    part = bob.get(HISTORY, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert f'hx-get="{HISTORY}"' in part
    assert "hx-trigger" not in text_of(bob, HISTORY, before=occurrence.pk).partition('id="schedule-history"')[2][:600]


def test_links_to_jobs_are_for_who_may_see_jobs(bob: Client, sign_in: SignIn) -> None:
    schedule = make_schedule()
    job = run_schedule(schedule)
    charlie = sign_in("charlie", "view_schedule")
    for page in (HISTORY, history_of(schedule), "/admin/jobqueue/schedule/"):
        assert job_url(job.id) in text_of(bob, page)
        assert job_url(job.id) not in text_of(charlie, page)


def test_empty_histories_say_what_to_do_next(bob: Client, sign_in: SignIn) -> None:
    carol = sign_in("carol", "view_schedule", "operate_job")
    assert "run_worker" in text_of(bob, HISTORY)
    asleep, awake = make_schedule("asleep", is_active=False), make_schedule("awake")
    assert "It is switched off" in text_of(bob, history_of(asleep))
    assert "Its first run appears here" in text_of(bob, history_of(awake))
    assert "at once by “Run now”" in text_of(carol, history_of(awake))
    assert "No failures" in text_of(bob, HISTORY, show="failures")


def test_what_is_not_there_is_told_so(bob: Client) -> None:
    for page in ("4711/history/", "x/history/", "history/4711/", f"history/{10**30}/"):
        assert bob.get(f"/admin/jobqueue/schedule/{page}").status_code == 404
