"""Who may read the metrics."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

OLD, NEW = "the-old-metrics-token", "the-new-metrics-token"


@pytest.fixture(autouse=True)
def _tokens(settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "METRICS_TOKENS": [NEW, OLD]}


def status(authorization: str = "") -> int:
    """The answer to a scrape with this header."""
    return Client().get("/metrics", headers={"Authorization": authorization} if authorization else {}).status_code


@pytest.mark.django_db
@pytest.mark.parametrize("token", [OLD, NEW])
def test_who_knows_a_token_may_and_two_are_good_while_one_replaces_the_other(token: str) -> None:
    response = Client().get("/metrics", headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain")
    assert b"# HELP jobqueue_workers" in response.content


@pytest.mark.parametrize("header", ["", f"Basic {NEW}", f"Bearer {NEW}x", "Bearer", "Bearer ä", f"Token {OLD}", NEW])
def test_nobody_else_may_and_the_database_is_not_asked(header: str) -> None:
    response = Client().get("/metrics", headers={"Authorization": header} if header else {})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json()["error"]["code"] == "unauthorized"


def test_without_a_token_nobody_may(settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "METRICS_TOKENS": []}

    response = Client().get("/metrics", headers={"Authorization": "Bearer "})

    assert response.status_code == 403
    assert "METRICS_TOKEN" in response.json()["error"]["message"]


def test_it_only_tells() -> None:
    assert Client().post("/metrics", headers={"Authorization": f"Bearer {NEW}"}).status_code == 405


def test_being_logged_in_is_not_enough(admin_client: Client) -> None:
    assert admin_client.get("/metrics").status_code == 401
