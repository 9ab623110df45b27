"""Guessing passwords: after some failures a name cannot log in from an address for a while."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from jobqueue.models import AuditEntry

PASSWORD = "correct horse battery staple"
WRONG = "wrong"
DOORS = ("/login/", "/admin/login/")


@pytest.fixture
def alice(alice: User) -> User:
    alice.set_password(PASSWORD)
    alice.save()
    return alice


def attempt(path: str = "/login/", password: str = WRONG, username: str = "alice", **meta: Any) -> int:
    """The status of one log-in: 200 for the form again, 302 for in, 429 for locked out."""
    return Client().post(path, {"username": username, "password": password}, **meta).status_code


@pytest.fixture
def limit(settings: Settings) -> int:
    number: int = settings.AXES_FAILURE_LIMIT
    return number


@pytest.mark.parametrize("path", DOORS)
def test_too_many_failures_lock_a_name_out_even_with_the_right_password(path: str, alice: User, limit: int) -> None:
    assert [attempt(path) for _ in range(limit)] == [200] * (limit - 1) + [429]

    response = Client().post(path, {"username": "alice", "password": PASSWORD})

    assert response.status_code == 429
    assert response.headers["Retry-After"] == "900"
    page = response.content.decode()
    assert "Too many failed log-ins" in page
    assert "15 minutes" in page
    assert "alice" not in page


def test_both_doors_count_together(alice: User, limit: int) -> None:
    statuses = [attempt(DOORS[number % 2]) for number in range(limit)]

    assert statuses[-1] == 429


def test_others_are_not_locked_out(alice: User, bob: User, limit: int) -> None:
    for _ in range(limit):
        attempt()

    assert attempt(username="bob") == 200
    assert attempt(password=PASSWORD, REMOTE_ADDR="198.51.100.7") == 302


def test_a_success_in_time_forgets_the_failures(alice: User, limit: int) -> None:
    for _ in range(limit - 1):
        attempt()
    assert attempt(password=PASSWORD) == 302
    assert [attempt() for _ in range(limit - 1)] == [200] * (limit - 1)


def test_the_lock_ends_although_somebody_goes_on_trying(alice: User, limit: int) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        for _ in range(limit):
            attempt()
    with time_machine.travel(now + timedelta(minutes=14), tick=False):
        assert attempt() == 429
    with time_machine.travel(now + timedelta(minutes=16), tick=False):
        assert attempt(password=PASSWORD) == 302


def test_a_proxys_clients_are_told_apart_and_cannot_lie_about_who_they_are(
    alice: User, limit: int, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(limit):
        attempt(HTTP_X_FORWARDED_FOR=f"10.1.1.{number}, 203.0.113.9")

    assert attempt(password=PASSWORD, HTTP_X_FORWARDED_FOR="10.9.9.9, 203.0.113.9") == 429
    assert attempt(password=PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.10") == 302


def test_a_lockout_is_recorded_once_without_what_was_typed(alice: User, limit: int) -> None:
    for _ in range(limit + 3):
        attempt()
        attempt(username="hunter2 typed here")

    known, unknown = AuditEntry.objects.filter(action="LOGIN_LOCK").order_by("number")
    assert (known.object_id, known.object_label, known.address) == (str(alice.pk), "alice", "127.0.0.1")
    assert known.is_refused
    assert (unknown.object_id, unknown.object_label) == ("", "an unknown name")
    assert "hunter2" not in str([unknown.before, unknown.after, unknown.reason, unknown.actor])
