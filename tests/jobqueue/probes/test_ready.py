"""The probe that decides about requests: the database and its migrations."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from jobqueue.probes import missing


def ready() -> tuple[int, dict[str, Any]]:
    """Its status and its answer."""
    response = Client().get("/health/ready")
    return response.status_code, response.json()


@pytest.mark.django_db
def test_a_database_with_every_migration_is_ready_by_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        status, answer = ready()

    assert (status, answer["status"]) == (200, "healthy")
    assert answer["checks"]["database"] == {"level": "healthy", "value": "up", "message": "The database answers."}
    assert answer["checks"]["migrations"]["value"] == 0


@pytest.mark.django_db
def test_a_missing_migration_is_named_and_keeps_requests_away_until_it_is_applied() -> None:
    applied = MigrationRecorder.Migration.objects.filter(app="coachdash").latest("name")
    MigrationRecorder.Migration.objects.filter(pk=applied.pk).delete()

    status, answer = ready()

    assert (status, answer["status"]) == (503, "critical")
    found = answer["checks"]["migrations"]
    assert (found["level"], found["value"]) == ("critical", 1)
    assert f"coachdash.{applied.name}" in found["message"]
    assert Client().get("/health/live").status_code == 200
    call_command("migrate", "coachdash", fake=True, verbosity=0)
    assert ready()[0] == 200


@pytest.mark.django_db
def test_a_database_that_nobody_migrated_lacks_them_all() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_migrations RENAME TO elsewhere")

    missing_ones = len(missing._of_this_code())
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT before")
        status, answer = ready()
        cursor.execute("ROLLBACK TO before")

    assert (status, answer["checks"]["migrations"]["value"]) == (503, missing_ones)


@pytest.mark.django_db
def test_migrations_of_a_newer_version_do_no_harm() -> None:
    MigrationRecorder.Migration.objects.create(app="jobqueue", name="9999_of_the_future")

    assert ready()[0] == 200


@pytest.mark.django_db(transaction=True, available_apps=[])
def test_a_database_that_is_away_is_not_ready_and_its_address_is_nobodys_business(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection.close()
    with monkeypatch.context() as patch:
        for name, value in {"HOST": "127.0.0.1", "PORT": "1", "USER": "bob", "PASSWORD": "hunter2"}.items():
            patch.setitem(connection.settings_dict, name, value)
        status, answer = ready()
        live = Client().get("/health/live").status_code

    assert (status, live) == (503, 200)
    assert answer == {
        "status": "critical",
        "checks": {"database": {"level": "critical", "value": "down", "message": "The database does not answer."}},
    }
    assert ready()[0] == 200
