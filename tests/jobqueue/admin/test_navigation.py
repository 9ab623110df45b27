"""The frame around the screens: every page opens, and the navigation shows what needs a person."""

import pytest
from django.test import Client

from jobqueue.states import Status
from tests.jobqueue.admin.conftest import SignIn
from tests.jobqueue.admin.pages import JOBS
from tests.jobqueue.factories import make_jobs

PAGES = ["", "jobqueue/", "jobqueue/job/", "jobqueue/schedule/", "jobqueue/schedule/add/", "jobqueue/worker/",
         "jobqueue/pause/", "jobqueue/auditentry/", "auth/user/", "auth/user/add/", "auth/group/"]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_an_administrator(admin_client: Client, page: str) -> None:
    assert admin_client.get(f"/admin/{page}").status_code == 200


def test_the_badge_counts_failed_and_dead_jobs_up_to_its_cap(alice: Client) -> None:
    def badge() -> str:
        return alice.get(JOBS).content.decode().partition("Job Queue")[2].partition("</li>")[0]

    make_jobs(3, Status.SUCCEEDED)
    assert "3" not in badge()
    make_jobs(2, Status.FAILED)
    make_jobs(1, Status.DEAD)
    assert "3" in badge()
    make_jobs(100, Status.DEAD)
    assert "99+" in badge()


def test_the_navigation_offers_only_what_somebody_may_see(sign_in: SignIn) -> None:
    page = sign_in("dave", "view_schedule").get("/admin/").content.decode()
    assert "Cron Jobs" in page
    assert "Workers &amp; Health" not in page
    assert JOBS not in page
