"""What others wrote is shown as what it is, wherever it is shown: markup, a megabyte, depth, secrets, turned text."""

import gzip
import json
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from jobqueue.models import Job
from jobqueue.redaction import MASK
from jobqueue.states import Status
from tests.jobqueue.admin.pages import JOBS, job_url, text_of
from tests.jobqueue.factories import make_attempt, make_job, make_log_lines

type Put = Callable[[str], UUID]


def in_payload(text: str) -> UUID:
    return make_job(payload={"note": text}).pk


def in_result(text: str) -> UUID:
    return make_job(Status.SUCCEEDED, result=text).pk


def in_key(text: str) -> UUID:
    return make_job(payload={text: 1}).pk


def in_error(text: str) -> UUID:
    return make_job(Status.FAILED, error_code="X", error_message=text).pk


def in_log(text: str) -> UUID:
    job = make_job(Status.FAILED)
    make_log_lines(job, 1)
    job.log_lines.update(text=text)
    return job.pk


def in_attempt(text: str) -> UUID:
    job = make_job(Status.FAILED)
    make_attempt(job, error_message=text)
    return job.pk


def in_traceback(text: str) -> UUID:
    job = make_job(Status.FAILED)
    make_attempt(job, traceback=f"Traceback (most recent call last):\n{text}")
    return job.pk


def in_reason(text: str) -> UUID:
    return make_job(Status.CANCELLED, cancel_reason=text).pk


def in_progress(text: str) -> UUID:
    return make_job(Status.RUNNING, progress_done=1, progress_total=2, progress_message=text).pk


def in_tag(text: str) -> UUID:
    return make_job(tags=[text]).pk


def in_keys(text: str) -> UUID:
    return make_job(unique_key=text, unique_states=["pending"], concurrency_key=text, concurrency_limit=1).pk


EVERYWHERE = pytest.mark.parametrize(
    "put",
    [
        in_payload, in_result, in_key, in_error, in_log, in_attempt, in_traceback, in_reason, in_progress, in_tag,
        in_keys,
    ],
)  # fmt: skip


def page_of(client: Client, job: UUID) -> str:
    response = client.get(job_url(job))
    assert response.status_code == 200
    return response.content.decode()


@EVERYWHERE
def test_markup_is_only_text(alice: Client, put: Put) -> None:
    job = put("<script>alert(1)</script>")
    assert "<script>alert" not in page_of(alice, job)
    assert "<script>alert(1)</script>" in text_of(page_of(alice, job))
    assert "<script>alert" not in alice.get(JOBS).content.decode()


@EVERYWHERE
def test_text_from_right_to_left_and_emoji_are_kept_and_nothing_is_turned_around(alice: Client, put: Put) -> None:
    job = put("שלום 🎉 pay\u202egnp.exe")
    for page in (page_of(alice, job), alice.get(JOBS).content.decode()):
        assert "\u202e" not in page
    assert "שלום 🎉 pay\\u202egnp.exe" in text_of(page_of(alice, job))


@EVERYWHERE
def test_what_looks_like_a_secret_is_masked(alice: Client, put: Put) -> None:
    job = put("GET https://ada:k3y-one@example.com/?token=k3y-two")
    for page in (page_of(alice, job), alice.get(JOBS).content.decode()):
        assert "k3y" not in page
    assert MASK in page_of(alice, job)


@pytest.mark.parametrize("put", [in_payload, in_result, in_error, in_log, in_attempt, in_traceback])
def test_a_megabyte_weighs_no_more_than_60_kilobytes(alice: Client, put: Put) -> None:
    job = put("".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(350_000)))  # which does not compress
    page = page_of(alice, job)
    assert len(gzip.compress(page.encode())) < 60_000


def test_a_payload_that_python_cannot_read_is_shown_nevertheless(alice: Client) -> None:
    job = make_job(Status.FAILED)
    for text in ('{"n": 1' + "0" * 6_000 + "}", '{"n": 1e400}', "[" * 3_000 + "]" * 3_000, '"\\\\u0000 no NUL"'):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE jobqueue_job SET payload = %s::jsonb WHERE id = %s", [text, job.pk])
        assert "Payload" in page_of(alice, job.pk)
        assert alice.get(f"{JOBS}{job.pk}/text/payload/").status_code == 200
        assert alice.get(f"{JOBS}{job.pk}/do/delete/").status_code == 200
        assert alice.get(JOBS).status_code == 200


def test_a_thousand_levels_are_folded(alice: Client) -> None:
    deep: object = {"end": 1}
    for _ in range(1_000):
        deep = {"next": deep}
    job = make_job(payload=deep)
    page = page_of(alice, job.pk)
    assert "too deep for here" in page
    assert len(page) < 200_000


def test_the_worst_of_all_is_still_a_page(alice: Client) -> None:
    rows = [{"id": n, "name": f"student {n * 7919 % 10_007}", "blob": "x" * (n % 90)} for n in range(9_000)]
    job = make_job(Status.DEAD, payload={"rows": rows}, checkpoint={"rows": rows}, error_message="e" * 100_000)
    traceback = "".join(f'  File "/srv/app/{n}.py", line {n * 7919}, in run\n    step({n})\n' for n in range(600))
    for claim in range(1, 61):
        make_attempt(job, claim, traceback=traceback, error_message=f"{claim} " + "m" * 5_000)
        make_log_lines(job, 50, claim)
    Job.objects.filter(parent=job).update(parent=None)
    page = page_of(alice, job.pk)
    assert len(gzip.compress(page.encode())) < 60_000
    assert json.dumps(rows)[:30] not in page
