"""Probes come before host names and HTTPS; other addresses do not."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings


@pytest.fixture(autouse=True)
def _as_in_production(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["coach.example.org"]
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^health/(live|ready)$", r"^metrics$"]


def test_a_probe_by_the_address_of_a_pod_is_answered_over_http() -> None:
    response = Client().get("/health/live", headers={"Host": "10.0.3.7:8000"})

    assert response.status_code == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_another_address_is_not() -> None:
    assert Client().get("/login/", headers={"Host": "10.0.3.7"}).status_code == 400
    assert Client().get("/login/", headers={"Host": "coach.example.org"}).status_code == 301


def test_what_only_begins_like_a_probe_is_no_probe() -> None:
    assert Client().get("/health/else", headers={"Host": "coach.example.org"}).status_code == 301
