"""The probe that asks nobody: these tests may not use a database."""

from django.test import Client


def test_a_process_that_answers_lives_whatever_the_database_does() -> None:
    response = Client().get("/health/live")

    assert response.status_code == 200
    assert response.json() == {"status": "healthy", "checks": {}}
    assert "no-store" in response.headers["Cache-Control"]
    assert not response.cookies


def test_it_answers_to_any_name_and_over_plain_http() -> None:
    assert Client().get("/health/live", headers={"Host": "10.0.3.7:8000"}).status_code == 200


def test_it_only_tells() -> None:
    assert Client(enforce_csrf_checks=True).post("/health/live").status_code == 405
    assert Client().head("/health/live").status_code == 200
