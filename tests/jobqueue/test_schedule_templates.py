"""Templates: what applying one changes, and that undoing puts back just that."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from jobqueue import operations
from jobqueue.audit import Actor
from jobqueue.cron import InvalidTimezoneError
from jobqueue.exceptions import InvalidOptionError, TemplateRefusedError
from jobqueue.models import AuditEntry, Job, Occurrence, Schedule, TemplateApplication
from jobqueue.models.audit_entry import Channel
from jobqueue.models.occurrence import Trigger
from jobqueue.operations.templates import latest_application, preview_template, preview_undo
from jobqueue.schedule_templates import ScheduleTemplate, TemplateSchedule, find_template
from tests.jobqueue.audited import ALICE, entries, last_entry
from tests.jobqueue.factories import make_schedule
from tests.jobqueue.templates import BUSY, CALM, NAME
from tests.jobqueue.threads import beside, in_threads, until_one_waits_for_a_lock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _templates(settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCHEDULE_TEMPLATES": NAME}


def apply(template: ScheduleTemplate, zone: str | None = None) -> TemplateApplication:
    application = operations.apply_template(template, ALICE, zone)
    assert application is not None
    return application


def state() -> dict[str, tuple[str, str, bool]]:
    rows = Schedule.objects.values_list("name", "expression", "timezone", "is_active")
    return {name: (expression, zone, is_active) for name, expression, zone, is_active in rows}


def words(template: ScheduleTemplate, zone: str | None = None) -> dict[str, str]:
    return {change.name: change.words for change in preview_template(template, zone).changes}


@pytest.mark.parametrize("name", ["Very Busy", "very busy", "VERY-BUSY", " very-busy "])
def test_a_template_is_found_by_its_name_in_any_case_and_by_its_slug(name: str) -> None:
    assert find_template(name) == BUSY


def test_an_unknown_template_is_answered_by_those_there_are() -> None:
    with pytest.raises(InvalidOptionError, match="'Frantic': expected Very Busy, Calm"):
        find_template("Frantic")


def test_what_is_missing_is_created_and_switched_on() -> None:
    apply(BUSY)

    assert state() == {"adding": ("*/5 * * * *", "UTC", True), "resting": ("2-57/5 * * * *", "UTC", True)}
    assert all(schedule.next_run_at for schedule in Schedule.objects.all())


def test_what_is_there_gets_the_times_and_keeps_all_else() -> None:
    make_schedule("adding", task_type="add_one", payload={"number": 4}, timezone="Asia/Tokyo", queue="slow")
    make_schedule("resting", expression="", kind="interval", interval=timedelta(minutes=7), is_active=False)

    apply(CALM)

    assert state() == {"adding": ("0 * * * *", "Asia/Tokyo", True), "resting": ("10 * * * *", "UTC", True)}
    adding, resting = Schedule.objects.order_by("name")
    assert (adding.payload, adding.queue) == ({"number": 4}, "slow")
    assert (resting.kind, resting.interval) == ("cron", None)


def test_a_time_zone_that_is_given_is_that_of_all_its_schedules() -> None:
    make_schedule("adding", task_type="add_one", timezone="Asia/Tokyo")

    apply(CALM, "Europe/Berlin")

    assert {zone for _, zone, _ in state().values()} == {"Europe/Berlin"}


def test_others_of_the_same_task_types_are_switched_off_but_none_with_a_scope_and_none_of_another_type() -> None:
    make_schedule("weekly rest", expression="0 0 * * 0")
    make_schedule("of one coach", scope={"coach": 12})
    make_schedule("something else", task_type="sleep")

    apply(BUSY)

    is_active = {name: active for name, (_, _, active) in state().items()}
    assert is_active == {
        "adding": True, "resting": True, "weekly rest": False, "of one coach": True, "something else": True,
    }  # fmt: skip


def test_an_interval_schedule_that_is_replaced_loses_its_upcoming_job() -> None:
    make_schedule("all the time", expression="", kind="interval", interval=timedelta(hours=1))
    schedule = Schedule.objects.get()
    later = timezone.now() + timedelta(hours=1)
    job = Job.objects.create(task_type="noop", schedule=schedule, occurrence=later, run_at=later)
    Occurrence.objects.create(schedule=schedule, scheduled_at=later, fired_at=timezone.now(), job_id=job.pk)

    apply(BUSY)

    assert not Job.objects.exists()


def test_the_preview_says_what_applying_does_and_changes_nothing() -> None:
    make_schedule("adding", task_type="add_one", expression="*/30 * * * *", is_active=False)
    make_schedule("weekly rest", expression="0 0 * * 0")
    before = state()

    said = words(CALM)

    assert state() == before
    assert said == {
        "adding": "switched on; Every 30 minutes (*/30 * * * *, UTC) → Every hour (0 * * * *, UTC)",
        "resting": "created: At 10 minutes past the hour (10 * * * *, UTC)",
        "weekly rest": "switched off",
    }
    assert [change["words"] for change in apply(CALM).changes] == list(said.values())


def test_the_preview_says_the_next_three_runs_afterwards() -> None:
    adding, resting = preview_template(CALM, "Europe/Berlin").changes

    assert [moment.minute for moment in adding.next_runs] == [0, 0, 0]
    assert [moment.minute for moment in resting.next_runs] == [10, 10, 10]
    assert {str(moment.tzinfo) for moment in adding.next_runs} == {"Europe/Berlin"}


def test_applying_what_is_in_force_changes_nothing_and_says_so() -> None:
    apply(BUSY)
    written = AuditEntry.objects.count()

    assert preview_template(BUSY).is_in_force
    assert all(said.startswith("unchanged; ") for said in words(BUSY).values())
    assert operations.apply_template(BUSY, ALICE) is None
    assert TemplateApplication.objects.count() == 1
    assert AuditEntry.objects.count() == written


def test_one_entry_says_who_applied_it_beside_those_of_the_schedules() -> None:
    bob = Actor(name="bob", channel=Channel.ADMIN, user_id=User.objects.create_user("bob").pk)

    application = operations.apply_template(CALM, bob)

    assert application is not None
    assert application.applied_by_id == bob.user_id
    assert [entry.action for entry in entries()] == ["SCHEDULE_CREATE", "SCHEDULE_CREATE", "TEMPLATE_APPLY"]
    entry = last_entry()
    assert (entry.actor, entry.object_type, entry.object_label) == ("bob", "template", "Calm")
    assert entry.after == {
        "adding": "created: Every hour (0 * * * *, UTC)",
        "resting": "created: At 10 minutes past the hour (10 * * * *, UTC)",
    }


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"task_type": "sleep"}, "adding enqueues sleep, not add_one"),
        ({"task_type": "add_one", "scope": {"coach": 12}}, "adding is not for everybody"),
        ({"task_type": "add_one", "payload": {"nummer": 1}}, "adding cannot run at Every hour .*nummer"),
    ],
)
def test_a_change_that_would_not_be_valid_is_refused_as_a_whole_and_recorded(fields: dict[str, Any], told: str) -> None:
    make_schedule("adding", **fields)
    before = state()

    assert preview_template(CALM).problems
    with pytest.raises(TemplateRefusedError, match=f"Calm was not applied. {told}"):
        operations.apply_template(CALM, ALICE)

    assert state() == before
    entry = last_entry()
    assert (entry.action, entry.is_refused) == ("TEMPLATE_APPLY", True)


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(InvalidTimezoneError, match="Mars/Olympus"):
        operations.apply_template(CALM, ALICE, "Mars/Olympus")

    assert not Schedule.objects.exists()


def test_undoing_puts_back_every_field_and_deletes_what_was_created() -> None:
    make_schedule("adding", task_type="add_one", timezone="Asia/Tokyo")
    make_schedule("all the time", expression="", kind="interval", interval=timedelta(minutes=7))
    before = list(Schedule.objects.values("name", "kind", "expression", "interval", "timezone", "is_active"))
    application = apply(BUSY, "Europe/Berlin")

    changes = operations.undo_template(application, ALICE)

    assert list(Schedule.objects.values(*before[0])) == before
    assert {change.name: change.words for change in changes}["resting"] == "deleted"
    application.refresh_from_db()
    assert application.undone_at is not None
    assert (last_entry().action, last_entry().object_label) == ("TEMPLATE_UNDO", "Very Busy")
    assert all(schedule.next_run_at for schedule in Schedule.objects.filter(is_active=True))


def test_what_was_created_and_has_run_is_switched_off_for_the_sake_of_its_history() -> None:
    application = apply(BUSY)
    now = timezone.now()
    resting = Schedule.objects.get(name="resting")
    Occurrence.objects.create(schedule=resting, scheduled_at=now, fired_at=now, trigger=Trigger.SCHEDULE)

    operations.undo_template(application, ALICE)

    assert state() == {"resting": ("2-57/5 * * * *", "UTC", False)}
    assert Occurrence.objects.exists()


def test_undone_can_be_applied_and_undone_again() -> None:
    make_schedule("adding", task_type="add_one")
    before = state()
    for _ in range(2):
        application = apply(CALM)
        operations.undo_template(application, ALICE)
        assert state() == before
    assert latest_application() is None


def test_applications_are_undone_from_the_latest_backwards() -> None:
    first, second = apply(BUSY), apply(CALM)

    with pytest.raises(TemplateRefusedError, match="Calm was applied after it: undo that first"):
        operations.undo_template(first, ALICE)
    operations.undo_template(second, ALICE)
    assert preview_template(BUSY).is_in_force
    operations.undo_template(first, ALICE)

    assert not Schedule.objects.exists()
    with pytest.raises(TemplateRefusedError, match="it is undone already"):
        operations.undo_template(first, ALICE)


def test_undoing_is_refused_with_the_differences_if_somebody_has_changed_a_schedule_since() -> None:
    make_schedule("adding", task_type="add_one")
    application = apply(BUSY)
    adding = Schedule.objects.get(name="adding")
    adding.expression = "0 0 * * *"
    operations.save_schedule(adding, ALICE)
    before = state()

    told = r"adding was changed since: expression is 0 0 \* \* \*, not \*/5 \* \* \* \*\."
    with pytest.raises(TemplateRefusedError, match=told):
        operations.undo_template(application, ALICE)

    assert state() == before
    assert preview_undo(application).problems
    assert (last_entry().action, last_entry().is_refused) == ("TEMPLATE_UNDO", True)


def test_a_change_of_something_else_since_is_kept_by_undoing() -> None:
    make_schedule("adding", task_type="add_one")
    application = apply(BUSY)
    adding = Schedule.objects.get(name="adding")
    adding.notes = "see the wiki"
    operations.save_schedule(adding, ALICE)

    operations.undo_template(application, ALICE)

    adding.refresh_from_db()
    assert (adding.notes, adding.expression) == ("see the wiki", "*/30 * * * *")


def test_undoing_is_refused_if_a_schedule_was_deleted_since() -> None:
    application = apply(BUSY)
    Schedule.objects.get(name="adding").delete()

    with pytest.raises(TemplateRefusedError, match=r"adding was deleted since\."):
        operations.undo_template(application, ALICE)

    assert list(state()) == ["resting"]


def test_the_differences_keep_secrets() -> None:
    application = apply(BUSY)
    Schedule.objects.filter(name="resting").update(payload={"apiToken": "hunter2hunter2"})

    with pytest.raises(TemplateRefusedError, match="payload is ") as refused:
        operations.undo_template(application, ALICE)

    assert "hunter2" not in str(refused.value)


def test_what_is_rolled_back_is_not_applied() -> None:
    with transaction.atomic():
        apply(BUSY)
        transaction.set_rollback(True)

    assert not Schedule.objects.exists()
    assert not TemplateApplication.objects.exists()


def test_a_preview_costs_the_same_with_many_schedules() -> None:
    make_schedule("adding", task_type="add_one")

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert preview_template(BUSY).changes
        return len(captured)

    before = cost()
    for number in range(20):
        make_schedule(f"other {number}")
    assert cost() == before


@pytest.mark.django_db(transaction=True)
def test_two_people_who_apply_at_once_do_so_one_after_the_other() -> None:
    def one(at: int) -> TemplateApplication | None:
        return operations.apply_template((BUSY, CALM)[at % 2], ALICE)

    for _ in range(5):
        Schedule.objects.all().delete()
        TemplateApplication.objects.all().delete()

        done = in_threads(4, one)

        assert len(state()) == 2
        assert [preview_template(each).is_in_force for each in (BUSY, CALM)].count(True) == 1
        assert len([application for application in done if application]) == TemplateApplication.objects.count()
        while (latest := latest_application()) is not None:
            operations.undo_template(latest, ALICE)
        assert not Schedule.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_people_who_apply_the_same_at_once_make_it_once() -> None:
    done = in_threads(4, lambda _: operations.apply_template(BUSY, ALICE))

    assert len([application for application in done if application]) == 1
    assert Schedule.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_edit_that_is_under_way_comes_first() -> None:
    make_schedule("adding", task_type="add_one")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            adding = Schedule.objects.select_for_update().get(name="adding")
            adding.timezone = "Asia/Tokyo"
            operations.save_schedule(adding, ALICE)
            applying = beside(pool, lambda: operations.apply_template(BUSY, ALICE))
            until_one_waits_for_a_lock()
        applying.result()

    assert state()["adding"] == ("*/5 * * * *", "Asia/Tokyo", True)


IMPOSSIBLE: list[tuple[Any, str]] = [
    ("tests.jobqueue.templates.NONE", 'does not define a "NONE"'),
    ("tests.jobqueue.templates.BUSY", "not iterable"),
    (["Calm"], "expected a ScheduleTemplate"),
    ([CALM, CALM], "Two schedule templates are called 'Calm'"),
    ([ScheduleTemplate(name="Empty", purpose="", schedules=[])], "expected one or more, none twice"),
]


@pytest.mark.parametrize(("given", "told"), IMPOSSIBLE)
def test_a_check_tells_what_is_wrong_with_the_setting(given: Any, told: str, settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCHEDULE_TEMPLATES": given}

    (problem,) = run_checks(tags=["jobqueue"])

    assert problem.id == "jobqueue.E006"
    assert told in problem.msg


@pytest.mark.parametrize(
    ("task_type", "expression", "told"),
    [("unknown", "0 * * * *", "Unknown task type 'unknown'"), ("noop", "61 * * * *", "61 * * * *")],
)
def test_a_check_tells_what_a_template_could_not_do(
    task_type: str, expression: str, told: str, settings: Settings
) -> None:
    one = TemplateSchedule(name="odd", task_type=task_type, expression=expression)
    given = [ScheduleTemplate(name="Odd", purpose="", schedules=[one])]
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCHEDULE_TEMPLATES": given}

    (problem,) = run_checks(tags=["jobqueue"])

    assert problem.id == "jobqueue.E006"
    assert "'Odd' has an impossible schedule 'odd'" in problem.msg
    assert told in problem.msg
