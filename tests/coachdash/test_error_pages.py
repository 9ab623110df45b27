"""What a person reads when something cannot be shown."""

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client

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
