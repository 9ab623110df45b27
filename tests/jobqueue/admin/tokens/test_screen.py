"""The screen of API tokens: the secret once, one's own or everybody's, and revoking."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from jobqueue import tokens
from jobqueue.models import ApiToken, AuditEntry
from jobqueue.operations import create_token
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.audited import ALICE, last_entry

LIST, NEW = "/admin/jobqueue/apitoken/", "/admin/jobqueue/apitoken/new/"
WANTED = {"name": "Grafana", "scopes": ["jobs:read"], "days": "90", "_form_submitted": "1"}


def token_of(name: str, title: str) -> ApiToken:
    owner = User.objects.get(username=name)
    return create_token(owner, ALICE, name=title, scopes=["jobs:read"], expires_at=None)[0]


def test_the_secret_is_shown_once_and_works(alice: Client) -> None:
    page = alice.post(NEW, WANTED)
    assert page.status_code == 200
    (secret,) = re.findall(r"jqt_[\w-]{43}", page.content.decode())
    token = tokens.find(secret)
    assert token is not None
    assert (token.owner.get_username(), token.scopes) == ("alice", ["jobs:read"])
    assert token.expires_at is not None
    assert "no-store" in page.headers["Cache-Control"]
    listed = alice.get(LIST).content.decode()
    assert "Grafana" in listed
    assert secret not in listed
    assert (last_entry().action, last_entry().channel) == ("TOKEN_CREATE", "admin")


def test_sending_it_twice_makes_one(alice: Client) -> None:
    alice.post(NEW, WANTED)
    assert "already" in alice.post(NEW, WANTED).content.decode()
    assert ApiToken.objects.count() == 1


def test_only_scopes_that_ones_permissions_fill_are_offered(alice: Client, bob: Client) -> None:
    assert "jobs:write" in alice.get(NEW).content.decode()
    page = bob.get(NEW).content.decode()
    assert "jobs:read" in page
    assert "jobs:write" not in page
    bob.post(NEW, {**WANTED, "scopes": ["jobs:write"]})
    assert not ApiToken.objects.exists()


def test_one_sees_and_revokes_ones_own(alice: Client, bob: Client) -> None:
    own, other = token_of("alice", "mine"), token_of("bob", "not mine")
    listed = alice.get(LIST).content.decode()
    assert "mine" in listed
    assert "not mine" not in listed
    assert alice.post(f"{LIST}{other.pk}/revoke/", {"_form_submitted": "1"}).status_code == 404
    assert last_entry().is_refused
    assert alice.get(f"{LIST}{own.pk}/revoke/").status_code == 200
    assert ApiToken.objects.get(pk=own.pk).is_usable
    alice.post(f"{LIST}{own.pk}/revoke/", {"_form_submitted": "1"})
    assert not ApiToken.objects.get(pk=own.pk).is_usable
    assert ApiToken.objects.get(pk=other.pk).is_usable


def test_who_manages_them_sees_and_revokes_everybodys(alice: Client, sign_in: SignIn) -> None:
    token = token_of("alice", "hers")
    carol = sign_in("carol", "manage_every_token")
    listed = carol.get(LIST).content.decode()
    assert "hers" in listed
    assert "Owner" in listed
    carol.post(f"{LIST}{token.pk}/revoke/", {"_form_submitted": "1"})
    assert last_entry().actor == "carol"
    assert not ApiToken.objects.get().is_usable


def test_it_is_not_for_staff_without_jobs(sign_in: SignIn) -> None:
    dave = sign_in("dave")
    assert dave.get(LIST).status_code == 403
    assert dave.post(NEW, WANTED).status_code == 403
    assert AuditEntry.objects.get().is_refused
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("name", ["digest", "secret"])
def test_nothing_leads_to_what_is_stored_of_the_secret(alice: Client, name: str) -> None:
    token = token_of("alice", "mine")
    assert alice.get(f"{LIST}{token.pk}/change/").status_code == 302
    assert token.digest not in alice.get(LIST).content.decode()
    assert name not in alice.get(f"{LIST}{token.pk}/change/").content.decode()
