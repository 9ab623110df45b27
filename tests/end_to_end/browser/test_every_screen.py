"""Every screen of the administrator, light and dark, at a desk and on a phone: whole, quiet, and open to everybody."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from jobqueue import operations
from jobqueue.api import enqueue
from jobqueue.bulk import BulkVerb, Selection, begin
from jobqueue.models import WorkerCycle
from jobqueue.states import Status
from tests.end_to_end.browser.conftest import SignIn
from tests.end_to_end.browser.person import Person
from tests.end_to_end.conftest import StartWorker
from tests.end_to_end.syncs import sync
from tests.jobqueue.audited import ALICE
from tests.jobqueue.factories import make_attempt, make_job

SCREENS = [
    "/admin/",
    "/admin/jobqueue/job/",
    "/admin/jobqueue/job/?status=succeeded&date=week",
    "/admin/jobqueue/job/?status=failed,dead&date=week",
    "/admin/jobqueue/job/?q=nothing+like+it",
    "/admin/jobqueue/job/failures/",
    "/admin/jobqueue/job/clear/",
    "/admin/jobqueue/job/playbook/",
    "/admin/jobqueue/bulkoperation/",
    "/admin/jobqueue/job/create/",
    "/admin/jobqueue/job/create/?task_type=data_collection_and_scoring",
    "/admin/jobqueue/schedule/",
    "/admin/jobqueue/schedule/add/",
    "/admin/jobqueue/schedule/history/",
    "/admin/jobqueue/schedule/templates/",
    "/admin/jobqueue/worker/",
    "/admin/jobqueue/worker/run/",
    "/admin/jobqueue/workercycle/",
    "/admin/jobqueue/pause/",
    "/admin/jobqueue/pause/stop/",
    "/admin/jobqueue/auditentry/",
    "/admin/jobqueue/apitoken/",
    "/admin/jobqueue/apitoken/new/",
    "/admin/gameplatform/account/",
    "/admin/gameplatform/solve/",
    "/admin/gameplatform/flashevent/",
    "/admin/gameplatform/syncrun/",
    "/admin/coachdash/organization/",
    "/admin/coachdash/coachprofile/",
    "/admin/coachdash/competitor/",
    "/admin/coachdash/team/",
]
# Each page of one thing is that of the first row.
LISTS_WITH_PAGES = [
    "/admin/jobqueue/job/?status=succeeded",
    "/admin/jobqueue/bulkoperation/",
    "/admin/jobqueue/schedule/",
    "/admin/jobqueue/workercycle/",
    "/admin/jobqueue/auditentry/",
    "/admin/gameplatform/account/",
    "/admin/gameplatform/syncrun/",
    "/admin/coachdash/coachprofile/",
]
NARROW = 390
_FIRST_PAGE = "tbody tr a[href*='/change/']"


@pytest.mark.parametrize(("width", "color_scheme"), [(1400, "light"), (1400, "dark"), (NARROW, "dark")])
def test_every_screen_is_whole_and_quiet_and_open_to_everybody(
    sign_in: SignIn, start_worker: StartWorker, width: int, color_scheme: str
) -> None:
    start_worker()
    sync()
    failed, waiting = _leave_traces()
    ada = sign_in("ada", "Admin", width=width, color_scheme=color_scheme)
    pages = [f"/admin/jobqueue/job/{job}/change/" for job in (failed, waiting)]
    pages += [_first_page(ada, listed) for listed in LISTS_WITH_PAGES]

    # What axe looks at is the same at any width, and the layout in any colours.
    checks = [ada.check_accessibility] if (width, color_scheme) == (1400, "dark") else [ada.check_layout]
    if color_scheme == "light":
        checks.append(ada.check_accessibility)
    wrong = [complaint for screen in SCREENS + pages for complaint in _complaints(ada, screen, checks)]

    assert not wrong, "\n".join(wrong)
    ada.check_quiet()


@pytest.mark.parametrize("width", [1400, 390])
def test_the_description_of_the_api_works_under_its_policy(sign_in: SignIn, width: int) -> None:
    ada = sign_in("ada", "Admin", width=width)

    ada.open("/api/docs")

    ada.sees("/api/admin/jobs/health")
    ada.check_layout()
    ada.check_quiet()


@pytest.mark.parametrize("width", [1400, 390])
def test_a_new_token_is_shown_once(sign_in: SignIn, width: int) -> None:
    ada = sign_in("ada", "Admin", width=width)
    ada.open("/admin/jobqueue/apitoken/new/")
    ada.page.get_by_label("Name").fill("a dashboard")

    ada.page.get_by_role("button", name="Create token").click()

    secret = ada.page.locator(".jq-secret")
    secret.wait_for()
    shown = secret.inner_text()
    assert not [*_found([ada.check_layout, ada.check_accessibility])]
    ada.open("/admin/jobqueue/apitoken/")
    ada.sees("a dashboard")
    assert shown not in ada.page.content()
    ada.check_quiet()


def _leave_traces() -> tuple[UUID, UUID]:
    """What a day leaves for the screens to show; returns a failed job and one that waits for it."""
    failed = make_job(Status.DEAD, task_type="game_platform_sync")
    make_attempt(failed)
    later = make_job(run_at=timezone.now() + timedelta(hours=1))
    operations.cancel([later.pk], ALICE, reason="not wanted any more")
    begin(BulkVerb.DELETE, Selection(statuses=(Status.CANCELLED,)), ALICE)
    now = timezone.now()
    WorkerCycle.objects.create(
        source="http", started_by="cron", status="ok", status_code=200, started_at=now - timedelta(minutes=1),
        finished_at=now,
    )  # fmt: skip
    return failed.pk, enqueue("game_platform_totals_sweep", depends_on=[failed.pk]).id


def _first_page(person: Person, listed: str) -> str:
    person.open(listed)
    address = person.page.locator(_FIRST_PAGE).first.get_attribute("href")
    assert address is not None
    return address


def _complaints(person: Person, screen: str, checks: Iterable[Callable[[], None]]) -> Iterator[str]:
    """All of them, not only the first."""
    person.open(screen)
    yield from _found(checks)


def _found(checks: Iterable[Callable[[], None]]) -> Iterator[str]:
    for check in checks:
        try:
            check()
        except AssertionError as complaint:
            yield str(complaint)
