"""The button that syncs a coach's students."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from jobqueue.models import Job
from tests.coachdash.conftest import LogIn


def said(client: Client, path: str = "/dashboard/sync/") -> str:
    return client.post(path, follow=True).content.decode()


def test_the_button_enqueues_one_sync_of_the_coachs_own_students(alice: User, log_in: LogIn) -> None:
    page = said(log_in(alice))
    job = Job.objects.get()
    assert job.task_type == "game_platform_sync"
    assert job.payload["coachId"] == alice.pk
    assert job.created_by == alice
    assert "The sync has been asked for." in page


def test_a_second_click_joins_the_sync_that_waits_and_says_so(alice: User, log_in: LogIn) -> None:
    client = log_in(alice)
    said(client)
    assert "yours has joined it" in said(client)
    assert Job.objects.count() == 1


def test_two_coaches_get_a_sync_each(alice: User, bob: User, log_in: LogIn) -> None:
    said(log_in(alice))
    said(log_in(bob))
    assert {job.payload["coachId"] for job in Job.objects.all()} == {alice.pk, bob.pk}


def test_the_page_comes_back_as_it_was_sorted(alice: User, log_in: LogIn) -> None:
    response = log_in(alice).post("/dashboard/sync/?sort=-points")
    assert response.headers["Location"] == "/dashboard/?sort=-points"


def test_a_coach_cannot_sync_for_another(alice: User, bob: User, log_in: LogIn) -> None:
    assert log_in(alice).post(f"/dashboard/sync/?coach={bob.pk}").status_code == 404
    assert not Job.objects.exists()


def test_a_manager_syncs_for_the_coach_they_chose_and_for_nobody_without_choosing(
    bob: User, manager: User, log_in: LogIn
) -> None:
    client = log_in(manager)
    assert client.post("/dashboard/sync/").status_code == 404
    said(client, f"/dashboard/sync/?coach={bob.pk}")
    job = Job.objects.get()
    assert (job.payload["coachId"], job.created_by) == (bob.pk, manager)


@pytest.mark.django_db
def test_a_link_or_a_stranger_starts_no_sync(alice: User, log_in: LogIn) -> None:
    assert log_in(alice).get("/dashboard/sync/").status_code == 405
    assert Client().post("/dashboard/sync/").status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post("/dashboard/sync/").status_code == 403
    assert not Job.objects.exists()
