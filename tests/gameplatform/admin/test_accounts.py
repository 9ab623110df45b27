"""The accounts in the admin: found, read, and their coach synced."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from gameplatform.models import Account, SyncState
from jobqueue.api import Job
from jobqueue.models import AuditEntry
from tests.coachdash import factories
from tests.jobqueue.admin.pages import said

from .conftest import SignIn, listed

LIST = "/admin/gameplatform/account/"


def page_of(account: Account) -> str:
    return f"{LIST}{account.pk}/change/"


def fail(account: Account, code: str = "FORBIDDEN", times: int = 3) -> None:
    SyncState.objects.filter(account=account).update(
        error_code=code, consecutive_failures=times, error_message="GET /x answered 403", last_attempt_at=factories.NOW
    )


@pytest.mark.parametrize("words", ["ada", "ALICE", "Alice", "ada1@example.org", "id"])
def test_an_account_is_found_by_what_people_have_at_hand(ada: Account, dora: Client, words: str) -> None:
    Account.objects.filter(pk=ada.pk).update(email_used="Ada1@example.org")
    ada.coach.last_name = "Alice"  # type: ignore[union-attr]
    ada.coach.save()  # type: ignore[union-attr]
    Account.objects.create(username="other")

    assert listed(dora, LIST, q=str(ada.pk) if words == "id" else words) == [ada]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ({"sync": "failing"}, True),
        ({"sync": "fine"}, False),
        ({"sync": "never"}, False),
        ({"sync": "nonsense"}, False),
        ({"status": "approved"}, True),
        ({"status": "denied"}, False),
        ({"status": "missing"}, False),
        ({"coach": "x"}, False),
        ({"coach": "999999"}, False),
    ],
)
def test_filters_find_what_they_say(ada: Account, dora: Client, query: dict[str, str], is_found: bool) -> None:
    fail(ada)

    assert listed(dora, LIST, **query) == ([ada] if is_found else [])


def test_the_list_says_which_error_an_account_has_and_how_often(ada: Account, dora: Client) -> None:
    fail(ada)

    assert "FORBIDDEN ×3" in dora.get(LIST).content.decode()  # noqa: RUF001


def test_pages_follow_the_user_names_without_loss(coach: User, dora: Client) -> None:
    Account.objects.bulk_create(Account(username=f"user{n // 2:03}", coach=coach) for n in range(120))
    names: list[Any] = []
    query: dict[str, str] = {}
    while True:
        response: Any = dora.get(LIST, query)
        names += [account.pk for account in response.context_data["cl"].result_list]
        address = response.context_data["cl"].next_url
        if not address:
            break
        query = {"after": Client().get(address).wsgi_request.GET["after"]}

    assert len(names) == len(set(names)) == 120


@pytest.mark.parametrize("after", ["", "x", "[]", '["a"]', '["a", "no id"]', '["\\u0000", null]', "[[[", '{"a": 1}'])
def test_a_page_that_begins_nowhere_is_the_first(ada: Account, dora: Client, after: str) -> None:
    assert listed(dora, LIST, after=after) == [ada]


def test_a_long_list_takes_as_many_queries_as_a_short_one(
    coach: User, dora: Client, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    factories.playing(coach, "Ada Finch", 100)
    with django_assert_max_num_queries(20) as few:
        dora.get(LIST)
    for n in range(12):
        factories.playing(coach, f"Bea N{n}", 100)

    with django_assert_num_queries(len(few.captured_queries)):
        dora.get(LIST)


def test_the_page_shows_the_error_the_totals_and_the_solves(ada: Account, dora: Client) -> None:
    fail(ada)
    page = dora.get(page_of(ada)).content.decode()

    assert "GET /x answered 403" in page
    assert "#403-not-approved" in page
    assert "Challenge 2" in page
    assert "2 challenges, 300 points" in page


def test_the_page_says_no_personal_data(ada: Account, dora: Client) -> None:
    Account.objects.filter(pk=ada.pk).update(email_used="ada@school.example")
    page = dora.get(page_of(ada)).content.decode()

    assert "ada@school.example" not in page
    assert "Finch" not in page


def test_an_account_that_was_never_synced_has_a_page(coach: User, dora: Client) -> None:
    account = Account.objects.create(coach=coach)

    assert "has not been synced yet" in dora.get(page_of(account)).content.decode()


def test_an_unknown_account_leads_back_to_the_list(dora: Client) -> None:
    for key in (str(uuid4()), "nonsense"):
        response = dora.get(f"{LIST}{key}/change/")
        assert (response.status_code, response.headers["Location"]) == (302, LIST)
        assert said(response)[-1] == "There is no such account (any more)."


def test_syncing_the_coach_enqueues_one_job_and_records_it(ada: Account, otto: Client) -> None:
    response = otto.post(f"{LIST}{ada.pk}/sync/")

    job = Job.objects.get()
    assert response.headers["Location"] == f"/admin/jobqueue/job/{job.pk}/change/"
    assert (job.task_type, job.payload["coachId"]) == ("game_platform_sync", ada.coach_id)
    assert said(response) == ["1 job enqueued: it syncs the students of Alice."]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.object_id) == ("JOB_CREATE", "otto", str(job.pk))


def test_syncing_twice_joins_the_job_that_waits(ada: Account, otto: Client) -> None:
    otto.post(f"{LIST}{ada.pk}/sync/")
    response = otto.post(f"{LIST}{ada.pk}/sync/")

    assert Job.objects.count() == 1
    assert said(response)[-1].startswith("0 jobs enqueued: this one")


def test_an_account_that_nobody_looks_after_cannot_be_synced_by_coach(otto: Client) -> None:
    account = Account.objects.create()
    response = otto.post(f"{LIST}{account.pk}/sync/")

    assert not Job.objects.exists()
    assert "nobody looks after this account" in said(response)[0]


def test_who_may_not_operate_is_refused_and_that_is_recorded(ada: Account, dora: Client) -> None:
    assert dora.post(f"{LIST}{ada.pk}/sync/").status_code == 403
    assert not Job.objects.exists()
    assert AuditEntry.objects.get().is_refused
    assert "Sync this coach" not in dora.get(page_of(ada)).content.decode()


def test_looking_enqueues_nothing(ada: Account, otto: Client) -> None:
    assert otto.get(f"{LIST}{ada.pk}/sync/").status_code == 405
    assert not Job.objects.exists()


def test_strangers_see_no_accounts(ada: Account, sign_in: SignIn) -> None:
    eve = sign_in("eve")

    assert eve.get(LIST).status_code == 403
    assert eve.get(page_of(ada)).status_code == 403


def test_nobody_edits_an_account(ada: Account, otto: Client) -> None:
    assert otto.post(page_of(ada), {"username": "x"}).status_code == 405
    assert otto.get(f"{LIST}add/").status_code == 403
    assert otto.post(f"{LIST}{ada.pk}/delete/", {"post": "yes"}).status_code == 403
