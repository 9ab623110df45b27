"""What a person reads when something cannot be shown."""

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client

from . import factories
from .conftest import LogIn


def test_a_page_that_does_not_exist_leads_back_to_the_dashboard(alice: User, log_in: LogIn) -> None:
    response = log_in(alice).get("/nothing-here/")
    page = response.content.decode()
    assert response.status_code == 404
    assert "This page does not exist, or it is not yours to see." in page
    assert 'href="/dashboard/"' in page


def test_a_form_that_was_open_too_long_is_explained(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post("/dashboard/sync/")
    assert response.status_code == 403
    assert "The form was too old to be trusted" in response.content.decode()


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_an_error_page_needs_neither_request_nor_database(status: int) -> None:
    assert "To the dashboard" in render_to_string(f"{status}.html")


@pytest.mark.parametrize("path", ["nothing-here/", "coachdash/nothing/"])
def test_the_admin_says_within_its_own_walls_that_nothing_is_there(db: None, log_in: LogIn, path: str) -> None:
    response = log_in(factories.member("root", "Admin")).get(f"/admin/{path}")

    assert response.status_code == 404
    assert "Nothing here" in response.content.decode()
    assert 'id="nav-sidebar"' in response.content.decode()


def test_the_admin_says_what_is_gone(db: None, log_in: LogIn) -> None:
    response = log_in(factories.member("root", "Admin")).post("/admin/jobqueue/pause/7/resume/")

    assert "That pause has ended already." in response.content.decode()


def test_the_admin_says_within_its_own_walls_what_is_not_allowed(db: None, log_in: LogIn) -> None:
    page = log_in(factories.member("max", "Manager")).get("/admin/auth/user/")

    assert page.status_code == 403
    assert "Your account, <b>max</b>, may not do this." in page.content.decode()
    assert 'id="nav-sidebar"' in page.content.decode()


def test_who_is_no_staff_learns_nothing_of_the_admin(alice: User, log_in: LogIn) -> None:
    response = log_in(alice).get("/admin/nothing-here/")

    assert response.status_code == 302
    assert "nav-sidebar" not in response.content.decode()
