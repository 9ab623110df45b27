"""What the environment says of the database."""

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
