"""API tokens: made, found, marked and revoked; their secrets are nowhere."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from jobqueue import tokens
from jobqueue.exceptions import InvalidTokenError
from jobqueue.models import ApiToken, AuditEntry
from jobqueue.models.api_token import TokenScope
from jobqueue.operations import create_token, revoke_token
from jobqueue.redaction import redact_text
from tests.jobqueue.audited import ALICE, last_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob() -> User:
    """An operator who may not delete."""
    user = User.objects.create_user("bob")
    user.user_permissions.add(Permission.objects.get(codename="operate_job"))
    return user


def make(owner: User, name: str = "Grafana", *scopes: str, days: int | None = None) -> tuple[ApiToken, str]:
    end = None if days is None else timezone.now() + timedelta(days=days)
    return create_token(owner, ALICE, name=name, scopes=scopes or ["jobs:read"], expires_at=end)


def test_a_token_is_found_by_its_secret_alone(bob: User) -> None:
    token, secret = make(bob)
    assert tokens.find(secret) == token
    assert tokens.find(secret[:-1]) is None
    assert tokens.find(token.digest) is None


def test_no_table_holds_the_secret(bob: User) -> None:
    _, secret = make(bob)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM jobqueue_apitoken t")
        rows = cursor.fetchall()
        cursor.execute("SELECT row_to_json(t)::text FROM jobqueue_auditentry t")
        rows += cursor.fetchall()
    assert len(rows) == 2
    assert not any(secret in text or secret[10:] in text for (text,) in rows)


def test_a_secret_in_a_text_is_masked(bob: User) -> None:
    _, secret = make(bob)
    assert secret not in redact_text(f"curl failed for {secret}.")


def test_making_and_revoking_are_recorded(bob: User) -> None:
    token, _ = make(bob, "CI", "jobs:write", days=3)
    made = last_entry()
    assert (made.action, made.object_type, made.object_id) == ("TOKEN_CREATE", "token", str(token.pk))
    assert made.after["scopes"] == ["jobs:write"]
    assert revoke_token(token, ALICE)
    assert last_entry().action == "TOKEN_REVOKE"
    assert not revoke_token(token, ALICE)
    assert last_entry().is_refused


def test_a_scope_needs_its_owners_permission(bob: User) -> None:
    with pytest.raises(InvalidTokenError, match=r"may not have jobs:delete: that needs jobqueue\.delete_job"):
        make(bob, "CI", "jobs:read", "jobs:delete")
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("scopes", "problem"), [(["jobs:fly"], "jobs:fly is no scope: expected some of jobs:read"), ([], "missing")]
)
def test_what_is_no_scope_is_refused(bob: User, scopes: list[str], problem: str) -> None:
    with pytest.raises(InvalidTokenError, match=problem):
        create_token(bob, ALICE, name="CI", scopes=scopes, expires_at=None)


def test_an_end_that_is_past_is_refused(bob: User) -> None:
    with pytest.raises(InvalidTokenError, match="which is past"):
        make(bob, days=-1)


def test_nobody_makes_a_token_for_an_inactive_user(bob: User) -> None:
    bob.is_active = False
    with pytest.raises(InvalidTokenError, match="inactive"):
        make(bob)


def test_a_name_is_free_again_once_its_token_is_revoked(bob: User) -> None:
    token, _ = make(bob)
    with pytest.raises(InvalidTokenError, match="has a token called 'Grafana' already"):
        make(bob)
    revoke_token(token, ALICE)
    make(bob)


def test_the_database_refuses_an_unknown_scope(bob: User) -> None:
    token, _ = make(bob)
    for scopes in (["jobs:fly"], []):
        with pytest.raises(IntegrityError), transaction.atomic():
            ApiToken.objects.filter(pk=token.pk).update(scopes=scopes)


def test_use_is_written_at_most_once_a_minute(bob: User) -> None:
    token, secret = make(bob)
    with time_machine.travel("2026-11-28T10:00:00Z", tick=False) as clock:
        tokens.mark_used(token)
        first = tokens.find(secret)
        assert first is not None
        clock.shift(59)
        tokens.mark_used(first)
        token.refresh_from_db()
        assert token.last_used_at == first.last_used_at
        clock.shift(2)
        tokens.mark_used(first)
        token.refresh_from_db()
        assert token.last_used_at == timezone.now()


def test_reading_is_for_everybody_the_rest_by_permission(bob: User) -> None:
    assert tokens.scopes_for(bob) == [TokenScope.READ, TokenScope.WRITE]
    assert tokens.scopes_for(User.objects.create_user("carol")) == [TokenScope.READ]
    assert tokens.scopes_for(User.objects.create_superuser("root")) == list(TokenScope)


def test_a_users_tokens_go_with_the_user(bob: User) -> None:
    make(bob)
    bob.delete()
    assert not ApiToken.objects.exists()
