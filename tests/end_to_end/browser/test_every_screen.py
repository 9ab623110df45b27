"""Every screen of the administrator, light and dark, at a desk and on a phone: whole, quiet, and open to everybody."""

from collections.abc import Callable, Iterator

import pytest

from tests.end_to_end.browser.conftest import SignIn
from tests.end_to_end.browser.person import Person
from tests.end_to_end.conftest import StartWorker
from tests.end_to_end.syncs import sync

SCREENS = [
    "/admin/",
    "/admin/jobqueue/job/",
    "/admin/jobqueue/job/?status=succeeded&date=week",
    "/admin/jobqueue/job/?q=nothing+like+it",
    "/admin/jobqueue/job/failures/",
    "/admin/jobqueue/job/clear/",
    "/admin/jobqueue/bulkoperation/",
    "/admin/jobqueue/job/create/?task_type=data_collection_and_scoring",
    "/admin/jobqueue/schedule/",
    "/admin/jobqueue/schedule/add/",
    "/admin/jobqueue/schedule/history/",
    "/admin/jobqueue/schedule/templates/",
    "/admin/jobqueue/worker/",
    "/admin/jobqueue/pause/",
    "/admin/jobqueue/auditentry/",
]


@pytest.mark.parametrize(("width", "color_scheme"), [(1400, "light"), (1400, "dark"), (390, "light"), (390, "dark")])
def test_every_screen_is_whole_and_quiet_and_open_to_everybody(
    sign_in: SignIn, start_worker: StartWorker, width: int, color_scheme: str
) -> None:
    start_worker()
    sync()
    ada = sign_in("ada", "Admin", width=width, color_scheme=color_scheme)

    wrong = [complaint for screen in SCREENS for complaint in _complaints(ada, screen)]

    assert not wrong, "\n".join(wrong)
    ada.check_quiet()


def _complaints(person: Person, screen: str) -> Iterator[str]:
    """All of them, not only the first."""
    person.open(screen)
    checks: list[Callable[[], None]] = [person.check_layout, person.check_accessibility]
    for check in checks:
        try:
            check()
        except AssertionError as complaint:
            yield str(complaint)
