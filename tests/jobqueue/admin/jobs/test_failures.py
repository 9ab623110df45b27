"""Failures grouped: which kinds there are, how many jobs still need somebody, and what is done to a whole group."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from jobqueue.models import Failure
from jobqueue.states import Status
from tests.jobqueue.admin.pages import JOBS, answer, said
from tests.jobqueue.factories import make_job, make_jobs

_FAILURES = f"{JOBS}failures/"
_KIND, _OTHER = "a" * 16, "b" * 16


def _failure(fingerprint: str, **fields: Any) -> Failure:
    now = timezone.now()
    given = {
        "task_type": "noop", "error_code": "TIMEOUT", "error_message": "It took too long.", "count": 1_234,
        "first_seen_at": now - timedelta(days=3), "last_seen_at": now, "last_job": make_job(),
    }  # fmt: skip
    return Failure.objects.create(fingerprint=fingerprint, **{**given, **fields})


def test_a_kind_is_told_with_its_numbers_and_where_its_jobs_are(alice: Client) -> None:
    _failure(_KIND)
    make_jobs(3, Status.DEAD, fingerprint=_KIND)
    make_jobs(2, Status.RETRYING, fingerprint=_KIND)

    page = alice.get(_FAILURES).content.decode()

    for shown in ("Noop", "TIMEOUT", "It took too long.", "1,234", "<b>3</b> given up, 2 retrying"):
        assert shown in page
    assert f"?fingerprint={_KIND}" in page


def test_a_whole_kind_is_retried_and_its_retries_are_cancelled(alice: Client) -> None:
    _failure(_KIND)
    make_jobs(3, Status.DEAD, fingerprint=_KIND)
    make_jobs(2, Status.RETRYING, fingerprint=_KIND)
    make_job(Status.DEAD, fingerprint=_OTHER)
    page = alice.get(_FAILURES).content.decode()
    retry, cancel = (
        f"{JOBS}bulk/retry/?status=failed,dead&amp;fingerprint={_KIND}",
        f"{JOBS}bulk/cancel/?status=retrying",
    )
    assert retry in page
    assert cancel in page

    assert said(answer(alice, alice.get(retry.replace("&amp;", "&"))))[0].startswith("3 retried")
    question = alice.get(f"{cancel}&fingerprint={_KIND}")
    assert said(answer(alice, question))[-1].startswith("2 cancelled")


def test_who_may_only_look_is_offered_neither(bob: Client) -> None:
    _failure(_KIND)
    make_jobs(3, Status.DEAD, fingerprint=_KIND)
    page = bob.get(_FAILURES).content.decode()
    assert "TIMEOUT" in page
    assert "bulk/" not in page


def test_kinds_are_filtered_by_type_and_by_when_they_were_seen(alice: Client) -> None:
    _failure(_KIND, error_code="OLD_ONE", last_seen_at=timezone.now() - timedelta(days=2))
    _failure(_OTHER, error_code="NEW_ONE", task_type="add_one")

    def shown(query: str) -> list[str]:
        page = alice.get(_FAILURES + query).content.decode()
        return [code for code in ("OLD_ONE", "NEW_ONE") if code in page]

    assert shown("") == ["OLD_ONE", "NEW_ONE"]
    assert shown("?seen=day") == ["NEW_ONE"]
    assert shown("?seen=week&task_type=noop") == ["OLD_ONE"]
    assert "Nothing failed like that" in alice.get(f"{_FAILURES}?task_type=nothing").content.decode()


def test_old_kinds_are_on_further_pages(alice: Client) -> None:
    now = timezone.now()
    for number in range(51):
        _failure(f"{number:016x}", error_code=f"E{number:03}", last_seen_at=now - timedelta(minutes=number))
    first: Any = alice.get(_FAILURES)
    assert "E049" in first.content.decode()
    assert "E050" not in first.content.decode()
    assert "E050" in alice.get(_FAILURES + first.context_data["older"]).content.decode()


def test_an_error_s_secrets_and_markup_are_only_text(alice: Client) -> None:
    _failure(_KIND, error_message="<b>no</b> password=hunter2hunter2")
    page = alice.get(_FAILURES).content.decode()
    assert "&lt;b&gt;no" in page
    assert "hunter2" not in page


def test_no_failures_is_good_news(alice: Client) -> None:
    assert "Nothing has failed" in alice.get(_FAILURES).content.decode()
