"""The form of a schedule, filled in as a browser does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from jobqueue.models import Schedule
from jobqueue.models.audit_entry import AuditEntry
from jobqueue.scopes import Scope
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.schedules.filling_in import SCHEDULES, Data, errors, filled_in
from tests.jobqueue.factories import make_schedule

ADD = f"{SCHEDULES}add/"
FIELDS = f"{SCHEDULES}payload-fields/"
REPORT = {"title": "May", "copies": 2, "extra": {"a": 1}, "apiToken": "s3cret-value"}


@pytest.fixture
def carol(sign_in: SignIn) -> Client:
    """May edit schedules."""
    return sign_in("carol", "operate_job", "view_schedule", "add_schedule", "change_schedule")


@pytest.fixture
def coaches(settings: Any, db: None) -> dict[str, int]:
    """Two organizations with a coach each, by name."""
    north, south = Group.objects.create(name="North High"), Group.objects.create(name="South High")
    dave, eve = User.objects.create(username="dave"), User.objects.create(username="eve")
    dave.groups.add(north)
    eve.groups.add(south)
    settings.JOB_QUEUE = {
        **settings.JOB_QUEUE,
        "SCOPES": [
            Scope(name="organization", label="Organization", choices=lambda: Group.objects.order_by("name")),
            Scope(
                name="coach",
                label="Coach",
                choices=lambda: User.objects.filter(groups__isnull=False).order_by("username"),
                within=lambda coach: {"organization": coach.groups.get().pk},
            ),
        ],
    }
    return {"north": north.pk, "south": south.pk, "dave": dave.pk, "eve": eve.pk}


def page_of(schedule: Schedule) -> str:
    """Where it is edited."""
    return f"{SCHEDULES}{schedule.pk}/change/"


def new(client: Client, task_type: str = "noop", **changes: Any) -> Data:
    """What a browser posts for a new schedule of that type."""
    shown = client.get(ADD, {"task_type": task_type, "expression": "0 7 * * *"})
    return {**filled_in(shown), "name": "nightly", **changes}


def test_a_page_that_is_saved_untouched_changes_nothing(carol: Client) -> None:
    moment = datetime(2036, 10, 26, 1, 30, 15, tzinfo=UTC)  # the second 02:30 of that night in Berlin
    for schedule in (
        make_schedule("cron", timezone="Europe/Berlin", ends_at=moment, jitter=timedelta(seconds=90)),
        make_schedule("interval", kind="interval", expression="", interval=timedelta(minutes=25), starts_at=moment),
        make_schedule("report", task_type="write_report", payload=REPORT),
        make_schedule("as JSON", task_type="write_report", payload={"title": "two\nlines", "apiToken": "s3cret-value"}),
    ):
        before = Schedule.objects.filter(pk=schedule.pk).values().get()
        data = filled_in(carol.get(page_of(schedule)))
        response = carol.post(page_of(schedule), data)
        assert response.status_code == 302, errors(response)
        assert Schedule.objects.filter(pk=schedule.pk).values().get() == before
    assert not AuditEntry.objects.exists()


def test_an_interval_is_chosen_or_typed(carol: Client) -> None:
    chosen = new(carol, kind="interval", interval_0="7200")
    typed = new(carol, name="typed", kind="interval", interval_0="other", interval_1="17", interval_2="60")
    assert carol.post(ADD, chosen).status_code == carol.post(ADD, typed).status_code == 302
    assert [str(span) for span in Schedule.objects.values_list("interval", flat=True)] == ["2:00:00", "0:17:00"]
    assert set(Schedule.objects.values_list("kind", "expression")) == {("interval", "")}


def test_what_belongs_to_the_other_kind_does_not_matter(carol: Client) -> None:
    data = new(carol, kind="cron", expression="@daily", interval_0="other", interval_1="-5")
    assert carol.post(ADD, data).status_code == 302
    assert Schedule.objects.values_list("expression", "interval").get() == ("0 0 * * *", None)
    data = new(carol, name="interval", kind="interval", interval_0="900", expression="x" * 10_000)
    assert carol.post(ADD, data).status_code == 302


def test_times_are_read_on_the_clocks_of_its_zone(carol: Client) -> None:
    data = new(carol, timezone="America/New_York", starts_at="2036-07-01T08:00", ends_at_0="other")
    assert carol.post(ADD, {**data, "ends_at_1": "2036-12-01T08:00"}).status_code == 302
    schedule = Schedule.objects.get()
    assert (schedule.starts_at, schedule.ends_at) == (
        datetime(2036, 7, 1, 12, 0, tzinfo=UTC),
        datetime(2036, 12, 1, 13, 0, tzinfo=UTC),
    )
    assert filled_in(carol.get(page_of(schedule)))["starts_at"] == "2036-07-01T08:00"


def test_an_end_counts_from_its_start_or_from_now(carol: Client) -> None:
    data = new(carol, kind="interval", interval_0="300", ends_at_0="3600")
    assert carol.post(ADD, data).status_code == 302
    end = Schedule.objects.get().ends_at
    assert end is not None
    assert timedelta(minutes=55) < end - timezone.now() <= timedelta(minutes=61)
    data |= {"name": "later", "starts_at": "2036-07-01T08:00", "ends_at_0": "604800"}
    assert carol.post(ADD, data).status_code == 302
    assert Schedule.objects.get(name="later").ends_at == datetime(2036, 7, 8, 8, 0, tzinfo=UTC)


def test_policies_are_typed_and_shown_as_spans(carol: Client) -> None:
    data = new(carol, missed="all", missed_window="2h", missed_cap="7", overlap="skip", jitter="90s", grace="14d")
    assert (data["missed_window"], data["grace"]) == ("2h", "14d")
    assert carol.post(ADD, data).status_code == 302
    schedule = Schedule.objects.get()
    assert (schedule.missed, schedule.missed_cap, schedule.overlap) == ("all", 7, "skip")
    assert (schedule.missed_window, schedule.jitter) == (timedelta(hours=2), timedelta(seconds=90))
    assert schedule.grace == timedelta(days=14)
    shown = filled_in(carol.get(page_of(schedule)))
    assert [shown[name] for name in ("missed_window", "jitter", "grace")] == ["2h", "90s", "14d"]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("expression", "0 0 30 2 *", "is not a cron expression"),
        ("expression", "61 * * * *", "the minute '61' is not possible"),
        ("expression", "*/0 * * * *", "is not a cron expression"),
        ("expression", "@sometimes", "@daily"),
        ("expression", "", "A cron expression is missing"),
        ("expression", "1" * 10_000, "at most 255 characters"),
        ("expression", "* * *\0* *", "Null characters"),
        ("timezone", "Mars/Olympus", "is not a time zone: expected an IANA name"),
        ("timezone", "x" * 10_000, "is not a time zone"),
        ("timezone", "UTC\0", "is not a time zone"),
        ("name", "a\0b", "Null characters"),
        ("name", "x" * 101, "at most 100 characters"),
        ("name", "", "required"),
        ("notes", "a\0b", "Null characters"),
        ("queue", "a\0b", "Null characters"),
        ("task_type", "unknown\0", "not one of the available choices"),
        ("task_type", "", "required"),
        ("grace", "soon", "'soon' is not a duration: expected a number with a unit"),
        ("grace", "", "required"),
        ("grace", "9" * 10_000, "is not a duration"),
        ("jitter", "99999d", "expected 0 s to 3660 days"),
        ("missed_cap", "0", "greater than or equal to 1"),
        ("missed", "never", "not one of the available choices"),
        ("max_attempts", "0", "greater than or equal to 1"),
        ("kind", "hourly", "not one of the available choices"),
        ("starts_at", "tomorrow", "not a time"),
        ("starts_at", "0001-01-01T00:00", "expected a year from 2000 to 2199"),
        ("starts_at", "9999-12-31T23:59", "expected a year from 2000 to 2199"),
        ("ends_at_0", "other", "An exact time is missing"),
        ("payload", "[" * 100_000, "nested too deeply"),
        ("payload", '"a', "not JSON"),
        ("payload", "[1]", "no object"),
        ("payload", '{"a": NaN}', "not JSON"),
        ("payload", '{"number": "' + "x" * 1_000_000 + '"}', "too long"),
        ("payload", '{"number": 1, "number2": "\\u0000"}', "cannot store the character"),
        ("payload", '{"number": 1, "number2": 4}', "unknown field"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(carol: Client, field: str, value: str, told: str) -> None:
    response = carol.post(ADD, new(carol, "add_one", payload_as_json="on") | {field: value})
    assert response.status_code == 200
    assert told in errors(response)[field.removesuffix("_0")]
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(
    ("number", "unit", "told"),
    [
        ("", "60", "missing"),
        ("0", "60", "greater"),
        ("30", "1", "1 min"),
        ("9999999", "86400", "less"),
        ("367", "86400", "366 d"),
    ],
)
def test_an_impossible_interval_is_refused(carol: Client, number: str, unit: str, told: str) -> None:
    data = new(carol, kind="interval", interval_0="other", interval_1=number, interval_2=unit)
    assert told in errors(carol.post(ADD, data))["interval"]


def test_a_time_that_the_clocks_skip_is_refused(carol: Client) -> None:
    data = new(carol, timezone="Europe/Berlin", starts_at="2036-03-30T02:30")
    assert "set forward over 02:30" in errors(carol.post(ADD, data))["starts_at"]


def test_an_end_before_its_start_is_refused(carol: Client) -> None:
    data = new(carol, starts_at="2036-03-30T08:00", ends_at_0="other", ends_at_1="2036-03-30T07:00")
    assert "ends before it starts" in errors(carol.post(ADD, data))["ends_at"]


def test_markup_is_shown_as_text(carol: Client) -> None:
    script = "<script>alert(1)</script>"
    schedule = make_schedule(
        script, notes=script, task_type="write_report", payload={"title": script, "extra": {"a": script}}
    )
    bad = {**filled_in(carol.get(page_of(schedule))), "expression": script}
    for page in (
        carol.get(page_of(schedule)),
        carol.post(page_of(schedule), bad),
        carol.get(ADD, {"expression": script}),
    ):
        assert script not in page.content.decode()


def test_the_fields_of_the_payload_are_stored(carol: Client) -> None:
    data = new(carol, "write_report")
    assert data["payload-sections"] == ["events", "solves"]
    data |= {"payload-title": "May", "payload-sections": ["teams"], "payload-copies": "3"}
    assert carol.post(ADD, data).status_code == 302
    assert Schedule.objects.get().payload == {"title": "May", "sections": ["teams"], "copies": 3}


def test_what_the_payload_type_refuses_is_told_beside_the_fields(carol: Client) -> None:
    data = new(carol, "write_report") | {"payload-title": "May", "payload-copies": "9", "payload-paper": "letter"}
    response = carol.post(ADD, data)
    assert "Nine copies need A4" in errors(response)["payload"]
    assert '<p class="jq-field-errors" role="alert">Nine copies need A4' in response.content.decode()


def test_a_task_type_whose_fields_were_not_shown_is_shown_before_it_is_stored(carol: Client) -> None:
    data = new(carol, "add_one") | {"payload-number": "4", "task_type": "write_report"}
    response = carol.post(ADD, data)
    assert "these are the fields of Write report" in errors(response)["payload"]
    assert not Schedule.objects.exists()
    assert carol.post(ADD, filled_in(response) | {"payload-title": "May"}).status_code == 302
    assert Schedule.objects.get().payload == {"title": "May"}


def test_changing_the_task_type_keeps_what_fits(carol: Client) -> None:
    data = new(carol, "add_one") | {"payload-number": "4", "task_type": "steps"}
    assert filled_in(carol.post(FIELDS, data))["payload-number"] == "4"
    data["task_type"] = "write_report"
    shown = filled_in(carol.post(FIELDS, data))
    assert "payload-number" not in shown
    assert shown["payload_of"] == "write_report"
    assert "payload-number" in filled_in(carol.get(FIELDS, {"task_type": "add_one"}))


def test_the_payload_can_be_written_as_json_and_back(carol: Client) -> None:
    data = new(carol, "add_one") | {"payload-number": "4", "payload_as_json": "on"}
    as_json = filled_in(carol.post(FIELDS, data))
    assert "".join(str(as_json["payload"]).split()) == '{"number":4}'
    del as_json["payload_as_json"]
    back = {**as_json, "task_type": "add_one", "payload": '{"number": 5}'}
    assert filled_in(carol.post(FIELDS, back))["payload-number"] == "5"
    stays = filled_in(carol.post(FIELDS, back | {"payload": '{"number": 5, "unknown": 1}'}))
    assert stays["payload_as_json"] == "on"
    assert "unknown" in stays["payload"]


def test_secrets_are_never_shown_and_stay_when_they_are_left_alone(carol: Client) -> None:
    schedule = make_schedule(task_type="write_report", payload=REPORT)
    page = carol.get(page_of(schedule))
    assert "s3cret-value" not in page.content.decode()
    for data in (filled_in(page), filled_in(page) | {"payload_as_json": "on"}):
        assert carol.post(page_of(schedule), data).status_code == 302
        assert Schedule.objects.get().payload == REPORT
    typed = filled_in(page) | {"payload-apiToken": "new-s3cret", "name": ""}
    assert "new-s3cret" not in carol.post(page_of(schedule), typed).content.decode()
    raw = filled_in(page) | {"payload_as_json": "on", "payload": '{"apiToken": "new-s3cret"}', "name": ""}
    assert "new-s3cret" not in carol.post(page_of(schedule), raw).content.decode()


def test_a_masked_secret_that_is_not_stored_is_refused(carol: Client) -> None:
    data = new(carol, "write_report", payload_as_json="on", payload='{"title": "x", "apiToken": "••••••"}')
    assert "stands for a secret that is not stored here" in errors(carol.post(ADD, data))["payload"]


def test_a_scope_is_chosen_by_name(carol: Client, coaches: dict[str, int]) -> None:
    shown = new(carol, "write_report") | {"payload-title": "May"}
    assert "payload-coachId" not in shown
    data = shown | {"scope-organization": str(coaches["south"]), "scope-coach": str(coaches["eve"])}
    assert carol.post(ADD, data).status_code == 302
    schedule = Schedule.objects.get()
    assert schedule.scope == {"organization": coaches["south"], "coach": coaches["eve"]}
    everybody = filled_in(carol.get(page_of(schedule))) | {"scope-organization": "", "scope-coach": ""}
    assert carol.post(page_of(schedule), everybody).status_code == 302
    schedule.refresh_from_db()
    assert schedule.scope == {}


def test_a_coach_of_another_organization_is_refused_by_name(carol: Client, coaches: dict[str, int]) -> None:
    data = new(carol, "write_report") | {"payload-title": "May", "scope-organization": str(coaches["south"])}
    response = carol.post(ADD, data | {"scope-coach": str(coaches["dave"])})
    assert errors(response)["scope"] == "dave does not belong to South High."
    assert "dave does not belong to South High." in response.content.decode()
    both = carol.post(ADD, data | {"scope-coach": str(coaches["dave"]), "payload-copies": "77"})
    assert errors(both).keys() == {"payload", "scope"}
    gone = carol.post(ADD, data | {"scope-coach": "999999"})
    assert "not one of the available choices" in errors(gone)["scope"]


def test_a_scope_is_offered_only_where_the_payload_has_its_field(carol: Client, coaches: dict[str, int]) -> None:
    assert "scope-coach" not in new(carol, "add_one")
    assert "runs for everybody" in carol.get(ADD, {"task_type": "add_one"}).content.decode()


def test_many_choices_become_an_id(carol: Client, coaches: dict[str, int]) -> None:
    Group.objects.bulk_create(Group(name=f"group {number}") for number in range(201))
    page = carol.get(ADD, {"task_type": "write_report"}).content.decode()
    assert "group 7" not in page
    data = new(carol, "write_report") | {"payload-title": "May", "scope-organization": str(coaches["south"])}
    assert carol.post(ADD, data).status_code == 302
    assert Schedule.objects.get().scope == {"organization": coaches["south"]}


def test_who_may_only_look_sees_values_and_no_fields(bob: Client) -> None:
    schedule = make_schedule(task_type="write_report", payload=REPORT, notes="see the wiki", timezone="Europe/Berlin")
    page = bob.get(page_of(schedule)).content.decode()
    for shown in (
        "Every 30 minutes",
        "Europe/Berlin",
        "Write report",
        "see the wiki",
        "Run once for all of them",
        "Next runs",
    ):
        assert shown in page
    assert "s3cret-value" not in page
    assert 'name="expression"' not in page
    assert bob.get(FIELDS, {"task_type": "noop"}).status_code == 200
    assert bob.post(page_of(schedule), {}).status_code == 403


def test_a_stranger_gets_no_parts_of_the_form(sign_in: SignIn) -> None:
    stranger = sign_in("mallory", "view_job")
    assert stranger.get(FIELDS, {"task_type": "noop"}).status_code == 403
    assert stranger.get(f"{SCHEDULES}preview/").status_code == 403


def test_a_schedule_that_is_off_can_be_edited_though_nobody_knows_its_task_type(carol: Client) -> None:
    schedule = make_schedule(task_type="forgotten", is_active=False, payload={"x": 1}, scope={"coach": 3})
    data = filled_in(carol.get(page_of(schedule))) | {"notes": "to be deleted"}
    assert data["task_type"] == "forgotten"
    assert carol.post(page_of(schedule), data).status_code == 302
    schedule.refresh_from_db()
    assert (schedule.notes, schedule.payload, schedule.scope) == ("to be deleted", {"x": 1}, {"coach": 3})
    on = carol.post(page_of(schedule), data | {"is_active": "on"})
    assert "Unknown task type 'forgotten'" in errors(on)["task_type"]


def test_an_address_may_fill_in_anything(carol: Client) -> None:
    wrong = {
        "interval": "x",
        "starts_at": "x",
        "ends_at": "x",
        "kind": "x",
        "timezone": "x",
        "grace": "x",
        "scope": "[1]",
    }
    for given in (wrong, dict.fromkeys([*wrong, "payload", "task_type", "priority", "copy", "queue"], "[\0")):
        assert carol.get(ADD, {"task_type": "write_report", "expression": "0 7 * * *", **given}).status_code == 200


def test_a_copy_is_filled_in_without_the_secrets(carol: Client) -> None:
    schedule = make_schedule(task_type="write_report", payload=REPORT, timezone="Asia/Tokyo")
    page = carol.get(ADD, {"copy": schedule.pk})
    assert "s3cret-value" not in page.content.decode()
    assert "Secrets are not copied" in page.content.decode()
    assert carol.post(ADD, filled_in(page)).status_code == 302
    copy = Schedule.objects.exclude(pk=schedule.pk).get()
    assert copy.payload == {name: value for name, value in REPORT.items() if name != "apiToken"}
    assert copy.timezone == "Asia/Tokyo"


def test_a_post_that_knows_no_panels_keeps_what_it_does_not_name(carol: Client, coaches: dict[str, int]) -> None:
    schedule = make_schedule(
        task_type="write_report", payload=REPORT, scope={"coach": coaches["eve"]}, grace=timedelta(hours=1)
    )
    plain = {"name": "plain", "task_type": "write_report", "expression": "0 8 * * *", "queue": "default"}
    data = plain | {"payload": '{"title": "June"}', "priority": "0", "max_attempts": "3"}
    assert carol.post(page_of(schedule), data).status_code == 302
    schedule.refresh_from_db()
    assert (schedule.payload, schedule.scope) == ({"title": "June"}, {"coach": coaches["eve"]})
    assert (schedule.grace, schedule.timezone) == (timedelta(hours=1), "UTC")
