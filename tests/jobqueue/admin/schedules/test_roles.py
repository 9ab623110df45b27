"""Who may do what with schedules, at every address; and that looking changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, reverse

from jobqueue.models import AuditEntry, Job, Occurrence, Schedule
from jobqueue.scheduler import run_schedule
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.pages import said
from tests.jobqueue.audited import the_entry
from tests.jobqueue.factories import make_schedule

SCHEDULES = "/admin/jobqueue/schedule/"
YES = {"_form_submitted": "True"}
ROLES: dict[str, tuple[str, ...]] = {
    "nobody": (),
    "reader": ("view_schedule",),
    "operator": ("view_schedule", "operate_job"),
    "author": ("view_schedule", "add_schedule"),
    "editor": ("view_schedule", "change_schedule"),
    "deleter": ("view_schedule", "delete_schedule"),
}
READERS = {"reader", "operator", "author", "editor", "deleter"}
type Deed = Callable[[Client, Schedule], Any]
DEEDS: dict[str, tuple[Deed, set[str]]] = {
    "see the list": (lambda client, _: client.get(SCHEDULES), READERS),
    "see the history of all": (lambda client, _: client.get(f"{SCHEDULES}history/"), READERS),
    "see its history": (lambda client, schedule: client.get(f"{SCHEDULES}{schedule.pk}/history/"), READERS),
    "see a run": (
        lambda client, schedule: client.get(f"{SCHEDULES}history/{Occurrence.objects.get().pk}/"), READERS,
    ),
    "see its form": (lambda client, schedule: client.get(f"{SCHEDULES}{schedule.pk}/change/"), READERS),
    "run it": (lambda client, schedule: client.post(f"{SCHEDULES}{schedule.pk}/run/"), {"operator"}),
    "switch it": (
        lambda client, schedule: client.post(f"{SCHEDULES}{schedule.pk}/switch/", {"active": "off"}), {"editor"},
    ),
    "duplicate it": (lambda client, schedule: client.get(f"{SCHEDULES}add/?copy={schedule.pk}"), {"author"}),
    "be asked whether to delete it": (
        lambda client, schedule: client.get(f"{SCHEDULES}{schedule.pk}/delete/"), {"deleter"},
    ),
    "delete it": (lambda client, schedule: client.post(f"{SCHEDULES}{schedule.pk}/delete/", YES), {"deleter"}),
}  # fmt: skip


@pytest.fixture
def schedule(db: None) -> Schedule:
    """One that has run once."""
    schedule = make_schedule()
    run_schedule(schedule)
    return schedule


@pytest.fixture
def erin(sign_in: SignIn) -> Client:
    """May do everything with schedules, and operate."""
    return sign_in("erin", "operate_job", "view_schedule", "add_schedule", "change_schedule", "delete_schedule")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("deed", "allowed"), DEEDS.values(), ids=list(DEEDS))
def test_each_deed_is_for_the_roles_that_may_do_it(
    sign_in: SignIn, schedule: Schedule, role: str, deed: Deed, allowed: set[str]
) -> None:
    before = state()
    response = deed(sign_in(role, *ROLES[role]), schedule)
    if role in allowed:
        assert response.status_code in (200, 302)
    else:
        assert response.status_code == 403
        assert state() == before


@pytest.mark.parametrize(("deed", "allowed"), DEEDS.values(), ids=list(DEEDS))
def test_strangers_are_sent_to_the_log_in(client: Client, schedule: Schedule, deed: Deed, allowed: set[str]) -> None:
    before = state()
    response = deed(client, schedule)
    assert response.status_code == 302
    assert "/login/" in response["Location"]
    assert state() == before


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("reader", ["History"]),
        ("operator", ["Run now", "History"]),
        ("author", ["History", "Duplicate"]),
        ("editor", ["Edit", "History"]),
        ("deleter", ["History", "Delete…"]),
    ],
)
def test_a_row_offers_only_what_somebody_may_do(
    sign_in: SignIn, schedule: Schedule, role: str, offered: list[str]
) -> None:
    rows = sign_in(role, *ROLES[role]).get(SCHEDULES).content.decode().partition('id="schedule-rows"')[2]
    row = rows.partition("</tbody>")[0]
    everything = ["Run now", "Edit", "History", "Duplicate", "Delete…"]
    assert [label for label in everything if f'title="{label}"' in row] == offered
    assert ("disabled" in row) == (role != "editor")


def test_nothing_changes_by_looking_at_any_address(erin: Client, schedule: Schedule) -> None:
    before = state()
    for address in addresses(schedule):
        assert erin.get(address).status_code in (200, 302, 404, 405), address
    assert state() == before
    assert not AuditEntry.objects.exists()


def test_deleting_asks_and_says_what_goes_with_it(erin: Client, schedule: Schedule) -> None:
    page = erin.get(f"{SCHEDULES}{schedule.pk}/delete/").content.decode()
    assert "Delete every half hour?" in page
    assert "Its history goes with it; its jobs stay" in page
    dialog = erin.get(f"{SCHEDULES}{schedule.pk}/delete/", headers={"HX-Request": "true"}).content.decode()
    assert 'id="dialog"' in dialog
    assert "<html" not in dialog


def test_deleting_takes_the_schedule_and_its_history_and_leaves_its_jobs(erin: Client, schedule: Schedule) -> None:
    response = erin.post(f"{SCHEDULES}{schedule.pk}/delete/?next={SCHEDULES}%3Fstate%3Dactive", YES)
    assert response["Location"] == f"{SCHEDULES}?state=active"
    assert said(response) == ["1 schedule deleted: every half hour."]
    assert state()[:2] == ([], 0)
    assert Job.objects.get().schedule is None
    assert (the_entry().action, the_entry().actor) == ("SCHEDULE_DELETE", "erin")


def test_deleting_from_a_dialog_moves_the_whole_page(erin: Client, schedule: Schedule) -> None:
    response = erin.post(f"{SCHEDULES}{schedule.pk}/delete/", YES, headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == SCHEDULES


def test_deleting_goes_nowhere_else(erin: Client, schedule: Schedule) -> None:
    response = erin.post(f"{SCHEDULES}{schedule.pk}/delete/?next=https://evil.example/", YES)
    assert response["Location"] == SCHEDULES


def test_a_duplicate_begins_as_the_other_is_under_a_free_name(erin: Client) -> None:
    original = make_schedule(
        "nightly", task_type="add_one", payload={"number": 4}, timezone="Europe/Berlin", queue="mail", notes="wiki"
    )
    make_schedule("nightly copy")
    response: Any = erin.get(f"{SCHEDULES}add/?copy={original.pk}")
    initial = response.context_data["adminform"].form.initial
    assert initial["name"] == "nightly copy 2"
    for field in ("task_type", "payload", "timezone", "queue", "notes", "expression"):
        assert initial[field] == getattr(original, field)
    assert Schedule.objects.count() == 2


def test_a_duplicate_of_a_long_name_fits(erin: Client) -> None:
    original = make_schedule("n" * 100)
    response: Any = erin.get(f"{SCHEDULES}add/?copy={original.pk}")
    assert response.context_data["adminform"].form.initial["name"] == f"{'n' * 90} copy"


@pytest.mark.parametrize("key", ["", "4711", "x", "9" * 40, "٣"])
def test_a_duplicate_of_nothing_is_an_empty_form(erin: Client, key: str) -> None:
    response: Any = erin.get(f"{SCHEDULES}add/", {"copy": key})
    assert response.status_code == 200
    assert "name" not in response.context_data["adminform"].form.initial


def state() -> tuple[list[Any], int, int]:
    """All that deeds could change."""
    rows = list(Schedule.objects.order_by("pk").values())
    return rows, Occurrence.objects.count(), Job.objects.count()


def addresses(schedule: Schedule) -> list[str]:
    """Every address of the schedules' screens, from the table of addresses itself."""
    screen = next(screen for model, screen in site._registry.items() if model is Schedule)
    patterns = [one for one in screen.get_urls() if isinstance(one, URLPattern) and one.name]
    assert len(patterns) >= 10
    return [_address(pattern, schedule) for pattern in patterns]


def _address(pattern: URLPattern, schedule: Schedule) -> str:
    known = {"occurrence": Occurrence.objects.get().pk, "slug": "standard-operations"}
    arguments = {name: known.get(name, schedule.pk) for name in pattern.pattern.converters}
    return reverse(f"admin:{pattern.name}", kwargs=arguments)


def test_the_administrator_may_everything(client: Client, schedule: Schedule) -> None:
    client.force_login(User.objects.create_superuser("root"))
    assert [deed(client, schedule).status_code for deed, _ in DEEDS.values()] == [200] * 5 + [302] * 2 + [200, 200, 302]
