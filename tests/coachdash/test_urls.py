"""Short and old addresses lead where they should."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from .conftest import LogIn


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/", "/dashboard/"),
        ("/admin/jobs", "/admin/jobqueue/job/"),
        ("/dashboard/admin-tools/jobs?status=failed", "/admin/jobqueue/job/?status=failed"),
        ("/admin/scheduled-jobs", "/admin/jobqueue/schedule/"),
        ("/admin/audit-logs", "/admin/jobqueue/auditentry/"),
        ("/dashboard/admin-tools/cron-jobs", "/admin/jobqueue/schedule/"),
    ],
)
def test_a_short_address_leads_to_its_page(path: str, target: str) -> None:
    response = Client().get(path)
    assert response.status_code == 302
    assert response.headers["Location"] == target


def test_logging_out_needs_a_click_not_a_link(alice: User, log_in: LogIn) -> None:
    client = log_in(alice)
    assert client.get("/logout/").status_code == 405
    assert client.get("/dashboard/").status_code == 200
    client.post("/logout/")
    assert client.get("/dashboard/").status_code == 302


def test_logging_in_leads_back_to_the_page_that_was_asked_for(alice: User) -> None:
    alice.set_password("a long enough one")
    alice.save()
    client = Client()
    log_in_page = client.get("/dashboard/?sort=-points").headers["Location"]
    response = client.post(
        log_in_page, {"username": "alice", "password": "a long enough one", "next": "/dashboard/?sort=-points"}
    )
    assert response.headers["Location"] == "/dashboard/?sort=-points"


def test_a_wrong_password_is_told_in_words(alice: User) -> None:
    response = Client().post("/login/", {"username": "alice", "password": "wrong"})
    assert "Please enter a correct username and password" in response.content.decode()
