"""create_api_token, list_api_tokens, revoke_api_token."""

import pytest
from django.contrib.auth.models import User

from jobqueue import tokens
from jobqueue.models import ApiToken
from tests.jobqueue.audited import last_entry

from .conftest import Shell


@pytest.fixture(autouse=True)
def alice(transactional_db: None) -> User:
    return User.objects.create_superuser("alice")


def test_the_secret_alone_is_printed_to_stdout(shell: Shell, alice: User) -> None:
    said = shell("create_api_token", "--user", "alice", "--name", "CI", "--scope", "jobs:read,jobs:write")
    assert said.status == 0
    token = tokens.find(said.out.strip())
    assert token is not None
    assert token.owner == alice
    assert token.scopes == ["jobs:read", "jobs:write"]
    assert "expires: never. Copy it now" in said.err
    assert last_entry().channel == "cli"


def test_a_token_may_expire(shell: Shell) -> None:
    said = shell("create_api_token", "--user", "alice", "--name", "CI", "--expires", "90d", "--json")
    assert said.json["scopes"] == ["jobs:read"]
    assert said.json["expiresAt"] is not None
    assert tokens.find(said.json["secret"]) is not None


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--user", "nobody", "--name", "CI"], "No user is called 'nobody'."),
        (["--user", "alice", "--name", "CI", "--scope", "jobs:fly"], "jobs:fly is no scope"),
        (["--user", "alice", "--name", "CI", "--expires", "0s"], "--expires: expected more than nothing"),
        (["--user", "alice", "--name", ""], "expected a name"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(shell: Shell, arguments: list[str], problem: str) -> None:
    said = shell("create_api_token", *arguments)
    assert said.status != 0
    assert problem in said.err
    assert not ApiToken.objects.exists()


def test_the_list_shows_no_secret_and_no_revoked_token_unless_asked(shell: Shell) -> None:
    secret = shell("create_api_token", "--user", "alice", "--name", "Grafana").out.strip()
    listed = shell("list_api_tokens")
    assert "Grafana" in listed.out
    assert secret not in listed.out
    assert shell("revoke_api_token", secret[:8]).status == 0
    assert "no API tokens" in shell("list_api_tokens").out
    (shown,) = shell("list_api_tokens", "--all", "--user", "alice", "--json").json
    assert shown["state"] == "revoked"


def test_revoking_what_is_not_there_or_gone_fails(shell: Shell) -> None:
    token = shell("create_api_token", "--user", "alice", "--name", "CI", "--json").json
    assert shell("revoke_api_token", "99999999999999999999").status == 1
    assert shell("revoke_api_token", str(token["id"])).status == 0
    again = shell("revoke_api_token", str(token["id"]))
    assert again.status == 1
    assert "was revoked before" in again.err


def test_the_state_tells_why_a_token_is_refused(shell: Shell, alice: User) -> None:
    shell("create_api_token", "--user", "alice", "--name", "CI")
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert shell("list_api_tokens", "--json").json[0]["state"] == "owner inactive"
