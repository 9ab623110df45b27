"""Security headers: on every answer, whoever made it."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.coachdash.conftest import LogIn


@pytest.mark.parametrize("path", ["/login/", "/dashboard/", "/admin/", "/nothing-here/", "/health/live"])
def test_every_answer_has_them(path: str, alice: User, log_in: LogIn) -> None:
    headers = log_in(alice).get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize("path", ["/login/", "/dashboard/", "/nothing-here/"])
def test_no_page_may_stand_in_a_frame_or_stay_in_a_cache(path: str, alice: User, log_in: LogIn) -> None:
    headers = log_in(alice).get(path).headers

    assert headers["X-Frame-Options"] == "DENY"
    assert "no-store" in headers["Cache-Control"]


def test_a_page_of_the_admin_says_itself_how_long_it_keeps(admin_client: Client) -> None:
    assert "no-store" in admin_client.get("/admin/").headers["Cache-Control"]
