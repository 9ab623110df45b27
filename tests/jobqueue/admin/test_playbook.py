"""The playbook in the admin: who may read it, and what it says if there is none to read."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from jobqueue.models import Job
from jobqueue.states import Status
from tests.jobqueue.factories import make_job

type SetPlaybook = Callable[[str | Path], None]

PAGE = "/admin/jobqueue/job/playbook/"


@pytest.fixture
def playbook_at(settings: Settings) -> SetPlaybook:
    """Names a playbook in the settings."""

    def set_playbook(path: str | Path) -> None:
        settings.JOB_QUEUE = {**settings.JOB_QUEUE, "PLAYBOOK": path}

    return set_playbook


@pytest.fixture
def own(tmp_path: Path, playbook_at: SetPlaybook) -> Path:
    """A playbook of two sections."""
    path = tmp_path / "playbook.md"
    path.write_text("# Ours\n\n## The token is refused\n\n`AUTH_ERROR` - get a new one.\n", encoding="utf-8")
    playbook_at(path)
    return path


def _failed_job() -> Job:
    return make_job(status=Status.FAILED, error_code="AUTH_ERROR")


def test_it_is_shown_with_its_contents(own: Path, bob: Client) -> None:
    page = bob.get(PAGE).content.decode()

    assert '<a href="#the-token-is-refused">The token is refused</a>' in page
    assert "get a new one" in page


def test_a_change_of_the_file_is_shown_at_the_next_look(own: Path, bob: Client) -> None:
    bob.get(PAGE)
    own.write_text("# Ours\n\nNew words.\n", encoding="utf-8")

    assert "New words." in bob.get(PAGE).content.decode()


def test_staff_that_have_nothing_to_do_with_the_queue_do_not_read_it(own: Path, db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("eve", is_staff=True))

    assert client.get(PAGE).status_code == 403


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xff", b"x" * 1_048_577])
def test_a_file_that_cannot_be_shown_is_a_clear_message(
    tmp_path: Path, playbook_at: SetPlaybook, bob: Client, content: bytes | None
) -> None:
    path = tmp_path / "other.md"
    playbook_at(path)
    if content is not None:
        path.write_bytes(content)

    page = bob.get(PAGE).content.decode()

    assert "The playbook cannot be shown" in page
    assert str(path) in page


def test_without_the_setting_there_is_no_page_and_no_button(playbook_at: SetPlaybook, bob: Client) -> None:
    playbook_at("")

    assert bob.get(PAGE).status_code == 404
    assert 'href="/admin/jobqueue/job/playbook/"><span' not in bob.get("/admin/jobqueue/job/").content.decode()


def test_a_failed_jobs_page_leads_to_the_section_about_its_code(own: Path, bob: Client) -> None:
    page = bob.get(f"/admin/jobqueue/job/{_failed_job().pk}/change/").content.decode()

    assert f'href="{PAGE}#the-token-is-refused"' in page


def test_a_failed_jobs_page_is_whole_while_the_playbook_is_missing(own: Path, bob: Client) -> None:
    os.remove(own)  # noqa: PTH107
    page = bob.get(f"/admin/jobqueue/job/{_failed_job().pk}/change/")

    assert page.status_code == 200
    assert "jq-advice" not in page.content.decode()
