"""Logging in by either door, and where it leads."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.coachdash.conftest import LogIn

PASSWORD = "correct horse battery staple"


@pytest.fixture
def people(alice: User, manager: User, django_user_model: type[User]) -> dict[str, User]:
    """A coach, a manager and an administrator, all with the same password."""
    admin = django_user_model.objects.create_superuser("admin")
    for user in (alice, manager, admin):
        user.set_password(PASSWORD)
        user.save()
    return {"coach": alice, "manager": manager, "admin": admin}


def log_in_at(path: str, user: User, target: str = "") -> str:
    """Where logging in leads."""
    data = {"username": user.username, "password": PASSWORD, "next": target}
    response = Client().post(path, data)
    assert response.status_code == 302, response.content.decode()
    return response.headers["Location"]


@pytest.mark.parametrize(
    ("path", "role", "target", "expected"),
    [
        ("/login/", "coach", "", "/dashboard/"),
        ("/login/", "manager", "", "/dashboard/"),
        ("/login/", "manager", "/admin/jobqueue/job/", "/admin/jobqueue/job/"),
        ("/admin/login/", "admin", "", "/admin/"),
        ("/admin/login/", "manager", "", "/admin/"),
        ("/admin/login/", "manager", "/admin/jobqueue/job/", "/admin/jobqueue/job/"),
        ("/admin/login/", "coach", "", "/dashboard/"),
        ("/admin/login/", "coach", "/admin/jobqueue/job/", "/dashboard/"),
    ],
)
def test_everybody_gets_where_they_may_go(
    path: str, role: str, target: str, expected: str, people: dict[str, User]
) -> None:
    assert log_in_at(path, people[role], target) == expected


@pytest.mark.parametrize("path", ["/login/", "/admin/login/"])
@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "/dashboard/\r\nSet-Cookie: a=b",
    ],
)
def test_nobody_is_led_elsewhere(path: str, target: str, people: dict[str, User]) -> None:
    location = log_in_at(path, people["admin"], target)

    assert location in ("/dashboard/", "/admin/", "/dashboard/%0D%0ASet-Cookie:%20a=b")


def test_a_coach_who_opens_the_administration_is_told_where_they_are(alice: User, log_in: LogIn) -> None:
    response = log_in(alice).get("/admin/jobqueue/job/", follow=True)

    assert response.redirect_chain[-1][0] == "/dashboard/"
    assert "Your account has no access to the administration." in response.content.decode()


def test_the_administrations_own_log_in_says_what_was_wrong(people: dict[str, User]) -> None:
    page = Client().post("/admin/login/", {"username": "admin", "password": "wrong"}).content.decode()

    assert "Please enter a correct username and password" in page


@pytest.mark.parametrize("path", ["/login/", "/admin/login/"])
def test_logging_in_needs_a_form_of_ours(path: str, people: dict[str, User]) -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post(path, {"username": "admin", "password": PASSWORD}).status_code == 403


@pytest.mark.parametrize("path", ["/login/", "/admin/login/"])
def test_a_session_from_before_is_worth_nothing_afterwards(path: str, people: dict[str, User]) -> None:
    client = Client()
    session = client.session  # as an attacker who planted a cookie knows it
    session["planted"] = True
    session.save()
    before = client.cookies["sessionid"].value

    client.post(path, {"username": "admin", "password": PASSWORD})

    assert client.cookies["sessionid"].value != before
    thief = Client()
    thief.cookies["sessionid"] = before
    assert thief.get("/dashboard/").status_code == 302


def test_logging_out_ends_the_session_for_good(people: dict[str, User]) -> None:
    client = Client()
    client.post("/login/", {"username": "admin", "password": PASSWORD})
    cookie = client.cookies["sessionid"].value
    client.post("/logout/")

    thief = Client()
    thief.cookies["sessionid"] = cookie
    assert thief.get("/dashboard/").status_code == 302


def test_the_administrations_log_in_has_fields_that_are_to_be_seen(db: None) -> None:
    page = Client().get("/admin/login/").content.decode()

    for name in ("username", "password"):
        field = page.partition(f'name="{name}"')[2].partition(">")[0]
        assert "border-base-200" in field
