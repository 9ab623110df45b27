"""The schedule list: what it shows, what it costs, how it is searched and filtered, and how it refreshes itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobqueue import deadman
from jobqueue.models import Alert, Job, Occurrence, Schedule
from jobqueue.models.alert import AlertKind
from jobqueue.models.occurrence import Skipped, Trigger
from jobqueue.models.schedule import ScheduleKind
from jobqueue.pauses import pause
from jobqueue.scheduler import run_schedule
from jobqueue.scopes import Scope
from jobqueue.states import Status
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.pages import job_url
from tests.jobqueue.factories import make_job, make_schedule

SCHEDULES = "/admin/jobqueue/schedule/"
HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=y>', "جدول ⚡🏁", "{{ 7|add:7 }}"]


@pytest.fixture
def dora(sign_in: SignIn) -> Client:
    """May do everything with schedules, and operate."""
    return sign_in("dora", "operate_job", "view_schedule", "add_schedule", "change_schedule", "delete_schedule")


def shown(client: Client, **query: Any) -> list[str]:
    response: Any = client.get(SCHEDULES, query)
    assert response.status_code == 200
    return [row.schedule.name for row in response.context_data["rows"]]


def text_of(client: Client, **query: Any) -> str:
    return client.get(SCHEDULES, query).content.decode()


def ran(schedule: Schedule, status: Status, ago: timedelta = timedelta(minutes=3), **fields: Any) -> Occurrence:
    at = timezone.now() - ago
    job = make_job(status, schedule=schedule, occurrence=at, **fields)
    return Occurrence.objects.create(
        schedule=schedule, scheduled_at=at, fired_at=at, trigger=Trigger.SCHEDULE, job_id=job.pk
    )


def skipped(schedule: Schedule, reason: Skipped, ago: timedelta = timedelta(minutes=1)) -> Occurrence:
    at = timezone.now() - ago
    return Occurrence.objects.create(
        schedule=schedule, scheduled_at=at, fired_at=at, trigger=Trigger.SCHEDULE, skipped=reason
    )


@pytest.fixture
def _scopes(settings: Any) -> None:
    """Schedules may be for one group or one user here."""
    coach = Scope(name="coach", label="Coach", choices=User.objects.order_by("pk").all, label_of=User.get_username)
    school = Scope(name="organization", label="Organization", choices=Group.objects.order_by("pk").all)
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCOPES": [school, coach]}


def test_a_row_shows_times_in_words_zone_queue_and_how_the_last_run_fared(dora: Client) -> None:
    occurrence = ran(make_schedule(timezone="Europe/Berlin", queue="mail"), Status.DEAD)
    page = text_of(dora)
    for part in ("*/30 * * * *", "Every 30 minutes", "Europe/Berlin", "Noop", "mail", "💀", "took 5.00 s", "3 min ago"):
        assert part in page
    assert occurrence.job_id is not None
    assert job_url(occurrence.job_id) in page


def test_an_interval_schedule_shows_its_interval_and_no_expression(dora: Client) -> None:
    make_schedule(kind=ScheduleKind.INTERVAL, expression="", interval=timedelta(minutes=15))
    page = text_of(dora)
    assert "Every 15 minutes" in page
    assert "↻" in page


@pytest.mark.usefixtures("_scopes")
def test_a_scope_is_told_by_names_the_narrowest_first_and_leads_to_its_filter(dora: Client) -> None:
    school, alice = Group.objects.create(name="North High"), User.objects.create_user("Alice")
    Schedule.objects.bulk_create([
        Schedule(name="hers", expression="* * * * *", task_type="noop", next_run_at=timezone.now(),
                 scope={"organization": school.pk, "coach": alice.pk}),
        Schedule(name="of one who has gone", expression="* * * * *", task_type="noop", next_run_at=timezone.now(),
                 scope={"coach": 4711}),
    ])  # fmt: skip
    page = text_of(dora)
    assert page.index(f'href="?coach={alice.pk}"') < page.index(f'href="?organization={school.pk}"')
    for part in ("Alice", "North High", "coach 4711"):
        assert part in page
    assert shown(dora, coach=alice.pk) == shown(dora, organization=school.pk) == ["hers"]
    assert shown(dora, coach="x") == shown(dora, coach=10**19) == shown(dora, organization="-1") == []


def test_a_skipped_time_is_no_run_but_a_bar_of_the_recent_results(dora: Client) -> None:
    schedule = make_schedule()
    ran(schedule, Status.SUCCEEDED)
    skipped(schedule, Skipped.OVERLAP)
    page = text_of(dora)
    assert 'aria-label="Last 2, oldest first: 1 succeeded, 1 skipped: overlap"' in page
    assert '<i class="jq-succeeded jq-bar" title="Succeeded"></i><i class="jq-skipped jq-bar"' in page
    row = page.partition('id="schedule-rows"')[2].partition("</tbody>")[0]
    assert "✅" in row


def test_a_run_whose_job_was_deleted_keeps_its_status_without_a_link(dora: Client) -> None:
    occurrence = ran(make_schedule(), Status.FAILED)
    Job.objects.all().delete()
    page = text_of(dora)
    assert "❌" in page
    assert str(occurrence.job_id) not in page


def test_the_job_that_an_interval_schedule_has_in_the_queue_is_not_its_last_run(dora: Client) -> None:
    ran(make_schedule(), Status.PENDING, ago=-timedelta(minutes=9))
    row = text_of(dora).partition('id="schedule-rows"')[2].partition("</tbody>")[0]
    assert "never" in row
    assert "jq-bars" not in row


def test_a_late_schedule_is_red_with_the_alerts_sentence_and_heads_the_page(dora: Client) -> None:
    schedule = make_schedule()
    Schedule.objects.update(next_run_at=timezone.now() - timedelta(minutes=12))
    assert '<span class="jq-overdue" title="It is due and has not fired' in text_of(dora)
    deadman.check()
    page = text_of(dora)
    assert '<span class="jq-overdue" title="every half hour has not fired: it was due 12 min ago' in page
    banner = page.partition('aria-label="Open alerts"')[2].partition("</section>")[0]
    assert "every half hour has not fired" in banner
    sentence = banner.partition("<bdi>")[2].partition("</bdi>")[0]
    assert sentence in dora.get("/admin/").content.decode()
    assert f"{SCHEDULES}{schedule.pk}/change/" in banner


def test_many_alerts_are_counted_and_lead_to_their_schedules(dora: Client) -> None:
    now = timezone.now()
    for n in range(8):
        schedule = make_schedule(f"schedule {n}")
        Alert.objects.create(
            kind=AlertKind.SCHEDULE_INVALID, subject=schedule.name, schedule=schedule, message="broken", raised_at=now
        )
    assert "3 more alerts" in text_of(dora)
    assert len(shown(dora, state="alert")) == 8
    Alert.objects.update(cleared_at=now)
    assert "Open alerts" not in text_of(dora)
    assert shown(dora, state="alert") == []


def test_alerts_are_for_who_may_see_schedules(sign_in: SignIn) -> None:
    make_schedule()
    Schedule.objects.update(next_run_at=timezone.now() - timedelta(minutes=12))
    deadman.check()
    assert "every half hour" not in sign_in("frank", "view_job").get("/admin/").content.decode()


def test_a_pause_is_told_since_schedules_go_on_adding_jobs(dora: Client) -> None:
    pause(reason="the platform is <b>down</b>")
    page = text_of(dora)
    assert "the platform is &lt;b&gt;down&lt;/b&gt;" in page
    assert "Schedules go on adding jobs" in page


def test_tiles_count_states_and_failures_and_lead_to_them(dora: Client) -> None:
    schedule = make_schedule()
    make_schedule("asleep", is_active=False)
    for status in (Status.FAILED, Status.DEAD, Status.SUCCEEDED, Status.CANCELLED):
        ran(schedule, status, ago=timedelta(minutes=len(status)))
    skipped(schedule, Skipped.INVALID)
    skipped(schedule, Skipped.MISSED, ago=timedelta(minutes=2))
    page = text_of(dora)
    for link, count in (("?", 2), ("?state=active", 1), ("?state=inactive", 1)):
        tile = page.partition('class="jq-tiles')[2].partition(f'href="{link}"')[2].partition("</a>")[0]
        assert f'<span class="jq-tile-count">{count}</span>' in tile
    assert '<span class="jq-tile-count">3</span>' in page.partition("history/?show=failures")[2].partition("</a>")[0]


def test_filters_and_search_find_by_state_type_and_name(dora: Client) -> None:
    make_schedule("Nightly sync")
    make_schedule("off", is_active=False, task_type="add_one")
    make_schedule("overdue", task_type="nap")
    Schedule.objects.filter(name="overdue").update(next_run_at=timezone.now() - timedelta(hours=1))
    assert shown(dora, state="active") == ["Nightly sync", "overdue"]
    assert shown(dora, state="inactive") == shown(dora, task_type="add_one") == shown(dora, q="Add one") == ["off"]
    assert shown(dora, state="late") == shown(dora, q="nap") == ["overdue"]
    assert shown(dora, q="NIGHTLY") == ["Nightly sync"]
    assert shown(dora, state="nonsense") == shown(dora, q="%") == shown(dora, task_type="a\0b") == []


def test_pages_go_by_name_and_no_schedule_is_on_two(dora: Client) -> None:
    names = sorted(f"schedule {n:03}" for n in range(120))
    for name in names:
        make_schedule(name)
    assert shown(dora) == names[:50]
    assert shown(dora, after=names[49]) == names[50:100]
    assert shown(dora, after=names[99]) == names[100:]
    assert "?after=schedule+049" in text_of(dora)
    assert "First" in text_of(dora, after=names[99])
    assert shown(dora, after="\0") == names[:50]
    assert shown(dora, after=names[49], q="schedule 09") == [f"schedule 09{n}" for n in range(10)]


@pytest.mark.usefixtures("_scopes")
@pytest.mark.parametrize("query", ["", "?state=active", "?q=noop"])
def test_the_number_of_queries_does_not_grow_with_the_rows(dora: Client, query: str) -> None:
    school = Group.objects.create(name="North High")

    def add(numbers: range) -> None:
        for n in numbers:
            schedule = make_schedule(f"schedule {n}", scope={"organization": school.pk})
            ran(schedule, Status.SUCCEEDED)
            skipped(schedule, Skipped.MISSED)
            Alert.objects.create(
                kind=AlertKind.SCHEDULE_LATE, subject=schedule.name, schedule=schedule, message="late",
                raised_at=timezone.now(),
            )  # fmt: skip

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert dora.get(SCHEDULES + query).status_code == 200
        return len(captured)

    add(range(3))
    few = queries()
    add(range(3, 60))
    assert queries() == few


def test_history_is_read_by_index_and_never_counted(dora: Client) -> None:
    ran(make_schedule(), Status.SUCCEEDED)
    with CaptureQueriesContext(connection) as captured:
        dora.get(SCHEDULES)
    about_history = [query["sql"] for query in captured if "jobqueue_occurrence" in query["sql"]]
    assert len(about_history) == 3
    for sql in about_history:
        assert "LIMIT" in sql
        assert "count(" not in sql.lower()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_text(dora: Client, name: str) -> None:
    schedule = make_schedule(name)
    run_schedule(schedule)
    for page in (SCHEDULES, f"{SCHEDULES}{schedule.pk}/delete/", f"{SCHEDULES}{schedule.pk}/history/"):
        text = dora.get(page).content.decode()
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert schedule.name in text or "&lt;" in text


def test_the_refresh_is_the_same_address_without_the_page_around(dora: Client) -> None:
    make_schedule()
    part = dora.get(SCHEDULES + "?state=active", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert f'hx-get="{SCHEDULES}?state=active"' in part
    for living in ("schedule-top", "schedule-rows", "schedule-recent", "list-pager"):
        assert f'id="{living}"' in part


def test_the_latest_runs_of_all_are_below_the_table(dora: Client) -> None:
    schedule = make_schedule()
    for n in range(12):
        ran(schedule, Status.SUCCEEDED, ago=timedelta(minutes=n), result={"itemsCollected": n})
    recent = text_of(dora).partition('id="schedule-recent"')[2]
    assert recent.count("items collected") == 10
    schedule.delete()
    assert "No schedule has run yet" in text_of(dora)


def test_an_empty_list_says_what_to_do_next(dora: Client, bob: Client) -> None:
    assert "Add the first one" in text_of(dora)
    assert "Ask somebody who may add schedules" in text_of(bob)
    make_schedule()
    assert "No schedule matches" in text_of(dora, q="nothing like it")


def test_who_has_no_permission_sees_nothing(client: Client, db: None) -> None:
    assert client.get(SCHEDULES).status_code == 302
    client.force_login(User.objects.create_user("charlie", is_staff=True))
    assert client.get(SCHEDULES).status_code == 403
