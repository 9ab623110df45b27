"""No page about jobs shows a secret."""

from django.test import Client

from jobqueue.redaction import MASK
from jobqueue.states import Status
from tests.jobqueue.admin.pages import JOBS, job_url, text_of
from tests.jobqueue.factories import make_job


def test_a_jobs_page_masks_the_secrets_of_its_payload_and_result(alice: Client) -> None:
    job = make_job(
        Status.SUCCEEDED,
        payload={"coachId": 17, "apiToken": "k3y-one", "url": "https://bob:k3y-two@example.com/"},
        result={"session": ["k3y-three"], "written": 4},
    )
    page = alice.get(job_url(job.pk)).content.decode()

    assert "k3y" not in page
    assert page.count(MASK) == 3
    assert '"coachId": 17' in text_of(page)
    assert '"written": 4' in text_of(page)


def test_the_list_masks_them_in_its_summary_of_a_payload(alice: Client) -> None:
    make_job(payload={"apiToken": "k3y-" * 100, "url": "https://bob:k3y-two@example.com/", "coachId": 7})
    page = alice.get(JOBS).content.decode()

    assert "k3y" not in page
    assert f"apiToken: {MASK}" in page
    assert "coach 7" in page
