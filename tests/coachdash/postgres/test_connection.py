from pathlib import Path

import pytest

from coachdash import postgres


def test_it_is_wanted_without_a_database_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert postgres.wanted()


def test_an_empty_database_url_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert postgres.wanted()


def test_it_is_not_wanted_beside_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://user@host/name")
    assert not postgres.wanted()


def test_settings_are_computed_without_touching_the_disk(open_folder: Path) -> None:
    settings = postgres.django_settings(open_folder / "var" / "postgres")

    assert settings["ENGINE"] == "django.db.backends.postgresql"
    assert settings["HOST"] == f"{open_folder}/var/postgres/socket"
    assert list(open_folder.iterdir()) == []


def test_an_environment_variable_names_the_default_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDDED_POSTGRES_DIRECTORY", "/srv/tests/postgres")
    assert postgres.django_settings() == postgres.django_settings(Path("/srv/tests/postgres"))


def test_the_default_directory_is_the_checkouts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMBEDDED_POSTGRES_DIRECTORY", raising=False)
    checkout = Path(postgres.__file__).parents[2]
    assert postgres.django_settings() == postgres.django_settings(checkout / "var" / "postgres")
