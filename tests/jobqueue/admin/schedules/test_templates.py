"""The page of schedule templates: what it shows, and that only who may applies and undoes them."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import Settings

from jobqueue.models import AuditEntry, Schedule, TemplateApplication
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.pages import said
from tests.jobqueue.factories import make_schedule
from tests.jobqueue.templates import NAME

PAGE = "/admin/jobqueue/schedule/templates/"
APPLY_BUSY, APPLY_CALM = f"{PAGE}very-busy/apply/", f"{PAGE}calm/apply/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _templates(settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCHEDULE_TEMPLATES": NAME}


@pytest.fixture
def carol(sign_in: SignIn) -> Client:
    """May change schedules."""
    return sign_in("carol", "view_schedule", "change_schedule")


def text(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def undo_url() -> str:
    return reverse("admin:jobqueue_schedule_template_undo", args=[TemplateApplication.objects.latest("pk").pk])


def expressions() -> dict[str, str]:
    return dict(Schedule.objects.filter(is_active=True).values_list("name", "expression"))


def test_its_address_has_a_name() -> None:
    assert reverse("admin:jobqueue_schedule_templates") == PAGE


def test_each_is_shown_with_purpose_words_and_next_runs(carol: Client) -> None:
    response: Any = carol.get(PAGE)

    shown = text(response)
    assert "Very Busy" in shown
    assert "For busy days." in shown
    assert "Every 5 minutes" in shown
    assert "<code>2-57/5 * * * *</code>" in shown
    assert shown.count("<time ") == 2 * 2 * 3
    assert "None of them is in force" in shown
    assert "Latest change" not in shown


def test_the_one_in_force_is_marked_and_cannot_be_applied_again(carol: Client) -> None:
    carol.post(APPLY_CALM)

    shown = text(carol.get(PAGE))

    assert shown.count(">in force<") == 1
    assert APPLY_CALM not in shown
    assert APPLY_BUSY in shown


def test_a_project_without_templates_is_told_what_to_do(carol: Client, settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "SCHEDULE_TEMPLATES": ()}

    shown = text(carol.get(PAGE))

    assert "No templates" in shown
    assert "SCHEDULE_TEMPLATES" in shown


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "dialog"])
def test_the_change_is_shown_first_and_nothing_is_changed_by_looking(headers: dict[str, str], carol: Client) -> None:
    make_schedule("adding", task_type="add_one")
    make_schedule("weekly rest", expression="0 0 * * 0")

    shown = text(carol.get(APPLY_CALM, headers=headers))

    assert "Apply Calm?" in shown
    assert "Every 30 minutes (*/30 * * * *, UTC) → Every hour (0 * * * *, UTC)" in shown
    assert "created: At 10 minutes past the hour" in shown
    assert "switched off" in shown
    assert ("<html" in shown) == (not headers)
    assert expressions() == {"adding": "*/30 * * * *", "weekly rest": "0 0 * * 0"}
    assert not AuditEntry.objects.exists()


def test_it_is_shown_in_another_zone_and_applied_in_the_one_that_was_shown(carol: Client) -> None:
    shown = text(carol.get(APPLY_CALM, {"timezone": "Europe/Berlin"}))

    assert "(0 * * * *, Europe/Berlin)" in shown
    assert '<input type="hidden" name="timezone" value="Europe/Berlin">' in shown
    carol.post(APPLY_CALM, {"timezone": "Europe/Berlin"})
    assert set(Schedule.objects.values_list("timezone", flat=True)) == {"Europe/Berlin"}


def test_an_unknown_zone_is_answered_by_a_sentence(carol: Client) -> None:
    shown = text(carol.get(APPLY_CALM, {"timezone": "Mars/<b>"}))

    assert "is not a time zone" in shown
    assert "Mars/&lt;b&gt;" in shown
    assert ">Apply</button>" not in shown
    response = carol.post(APPLY_CALM, {"timezone": "Mars/Olympus"})
    assert "is not a time zone" in said(response)[0]
    assert not Schedule.objects.exists()


def test_applying_says_what_was_changed(carol: Client) -> None:
    make_schedule("adding", task_type="add_one")

    response = carol.post(APPLY_CALM)

    assert response.headers["Location"] == PAGE
    assert said(response)[0] == (
        "Calm is applied. adding: Every 30 minutes (*/30 * * * *, UTC) → Every hour (0 * * * *, UTC). "
        "resting: created: At 10 minutes past the hour (10 * * * *, UTC)."
    )
    assert expressions() == {"adding": "0 * * * *", "resting": "10 * * * *"}
    entry = AuditEntry.objects.get(action="TEMPLATE_APPLY")
    assert (entry.actor, entry.channel) == ("carol", "admin")
    again = carol.post(APPLY_CALM)
    assert said(again)[-1] == "Calm is in force already: nothing was changed."


def test_who_applied_the_latest_is_shown_and_it_can_be_undone(carol: Client) -> None:
    make_schedule("adding", task_type="add_one")
    carol.post(APPLY_CALM)

    shown = text(carol.get(PAGE))
    question = text(carol.get(undo_url(), headers=HTMX))
    assert expressions()["adding"] == "0 * * * *"
    response = carol.post(undo_url())

    assert "<b>Calm</b> was applied" in shown
    assert "by <bdi>carol</bdi>" in shown
    assert "Undo Calm?" in question
    assert "Every hour (0 * * * *, UTC) → Every 30 minutes (*/30 * * * *, UTC)" in question
    assert said(response)[-1].startswith("Calm is undone. adding: Every hour")
    assert expressions() == {"adding": "*/30 * * * *"}
    assert "Latest change" not in text(carol.get(PAGE))


def test_undoing_what_somebody_changed_since_shows_the_differences(carol: Client) -> None:
    carol.post(APPLY_CALM)
    Schedule.objects.filter(name="adding").update(expression="0 0 * * *")

    question, response = text(carol.get(undo_url())), carol.post(undo_url())

    told = "adding was changed since: expression is 0 0 * * *, not 0 * * * *."
    assert told in question
    assert ">Undo</button>" not in question
    assert told in said(response)[-1]
    assert expressions()["adding"] == "0 0 * * *"


def test_what_cannot_be_applied_says_why_and_has_no_button(carol: Client) -> None:
    make_schedule("adding", task_type="noop")

    shown, response = text(carol.get(APPLY_CALM)), carol.post(APPLY_CALM)

    assert "adding enqueues noop, not add_one" in shown
    assert ">Apply</button>" not in shown
    assert "adding enqueues noop, not add_one" in said(response)[0]
    assert expressions() == {"adding": "*/30 * * * *"}


def test_who_may_only_look_sees_them_without_buttons(bob: Client, carol: Client) -> None:
    carol.post(APPLY_CALM)

    shown = text(bob.get(PAGE))

    assert "Very Busy" in shown
    assert "/apply/" not in shown
    assert "/undo/" not in shown


def test_who_may_not_is_turned_away_and_that_is_recorded(bob: Client, carol: Client) -> None:
    carol.post(APPLY_CALM)
    undo = undo_url()
    before = expressions()

    for url in (APPLY_BUSY, undo):
        assert bob.get(url).status_code == 403
    assert not AuditEntry.objects.filter(is_refused=True).exists()
    for url in (APPLY_BUSY, undo):
        assert bob.post(url).status_code == 403

    assert expressions() == before
    refused = AuditEntry.objects.filter(is_refused=True).order_by("number")
    assert [(entry.action, entry.actor, entry.object_type) for entry in refused] == [
        ("TEMPLATE_APPLY", "bob", "template"),
        ("TEMPLATE_UNDO", "bob", "template"),
    ]


def test_staff_without_any_permission_and_strangers_see_nothing(sign_in: SignIn) -> None:
    assert sign_in("dave").get(PAGE).status_code == 403
    for url in (PAGE, APPLY_CALM, f"{PAGE}undo/1/"):
        assert Client().get(url).status_code == 302
        assert Client().post(url).status_code == 302
    assert not Schedule.objects.exists()


@pytest.mark.parametrize("path", ["frantic/apply/", "undo/1/", f"undo/{'9' * 30}/"])
def test_what_is_not_there_is_not_found(path: str, carol: Client) -> None:
    assert carol.get(f"{PAGE}{path}").status_code == 404
    assert carol.post(f"{PAGE}{path}").status_code == 404


def test_the_page_costs_the_same_with_many_schedules(carol: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            text(carol.get(PAGE))
        return len(captured)

    make_schedule("adding", task_type="add_one")
    cost()  # what Django looks up once
    before = cost()
    for number in range(20):
        make_schedule(f"other {number}")
    assert cost() == before


def test_the_audit_log_can_be_filtered_by_templates(sign_in: SignIn, carol: Client) -> None:
    carol.post(APPLY_CALM)
    auditor = sign_in("erin", "view_auditentry")

    shown = text(auditor.get("/admin/jobqueue/auditentry/?object_type=template"))

    assert "Schedule template applied" in shown
    assert "Schedule template" in shown
