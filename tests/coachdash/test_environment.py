"""What the environment says, and how a wrong value is told."""

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from coachdash import environment


@pytest.mark.parametrize("url", ["mysql://bob:hunter2@db/x", "postgers://bob:hunter2@db/x", "bob:hunter2@db"])
def test_a_wrong_address_is_told_without_its_password(
    url: str, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(ImproperlyConfigured, match="expected postgres://user:password@host") as caught:
        environment.database(environ.Env())

    assert "hunter2" not in " ".join([str(caught.value), *(str(one.message) for one in recwarn)])


def test_a_secret_may_be_two_while_one_replaces_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRON_SECRET", "the-old-one-1234567, the-new-one-1234567")
    assert environment.rotating_secret(environ.Env(), "CRON_SECRET") == ["the-old-one-1234567", "the-new-one-1234567"]


@pytest.mark.parametrize("text", ["", " ", ","])
def test_no_secret_is_none(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("CRON_SECRET", text)
    assert environment.rotating_secret(environ.Env(), "CRON_SECRET") == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [("hunter2", "a secret of 7 characters: expected at least 16"), (",".join(["hunter2" * 3] * 3), "holds 3 secrets")],
)
def test_a_secret_that_could_be_guessed_stops_the_start_unquoted(
    monkeypatch: pytest.MonkeyPatch, text: str, problem: str
) -> None:
    monkeypatch.setenv("CRON_SECRET", text)
    with pytest.raises(ImproperlyConfigured, match=problem) as caught:
        environment.rotating_secret(environ.Env(), "CRON_SECRET")
    assert "hunter2" not in str(caught.value)
