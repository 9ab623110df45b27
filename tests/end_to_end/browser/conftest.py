"""A person at a browser: Debian's Chromium, the site as a process, a worker, and the simulated platform."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db.migrations import RunPython
from django.utils import timezone
from playwright.sync_api import Browser, sync_playwright

from coachdash import migrations
from coachdash.models import CoachProfile, Organization
from jobqueue.api import Schedule
from tests.end_to_end.browser.person import Person
from tests.end_to_end.browser.site import Site
from tests.gameplatform.platform import Platform

type SignIn = Callable[..., Person]

_CHROMIUM = shutil.which("chromium")
_ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run"),
]
# No hand is as fast as this one: it would use what has just come before htmx gives it its behaviour, 20 ms later.
_AT_ONCE = "document.addEventListener('DOMContentLoaded', () => window.htmx && (htmx.config.defaultSettleDelay = 0))"
_PASSWORD = "nine lives of Ada"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One Chromium is enough for two processors."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))
            item.add_marker(pytest.mark.django_db(transaction=True))
            item.add_marker(pytest.mark.skipif(_CHROMIUM is None, reason="needs Debian's chromium"))


@pytest.fixture(scope="module", autouse=True)
def _queries_beside_playwright() -> Iterator[None]:
    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module: its event loop would disturb tests of other modules. Each person has a profile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def seeded(transactional_db: None) -> None:
    """Roles and schedules as migrations make them; the flush after other tests has taken them.

    No schedule comes due at the next turn of the minute or the hour, between what somebody does and what they see.
    """
    for module in sorted(one.name for one in iter_modules(migrations.__path__)):
        for operation in import_module(f"{migrations.__name__}.{module}").Migration.operations:
            if isinstance(operation, RunPython):
                forwards: Any = operation.code
                forwards(apps, None)
    Schedule.objects.exclude(next_run_at=None).update(next_run_at=timezone.now() + timedelta(minutes=50))


@pytest.fixture
def coaches(coaches: dict[UUID, User]) -> dict[UUID, User]:
    """With a school, without which nobody is a coach to the site."""
    school = Organization.objects.create(name="Lakeside High")
    CoachProfile.objects.bulk_create(CoachProfile(user=user, organization=school) for user in coaches.values())
    return coaches


@pytest.fixture
def site(seeded: None, coaches: dict[UUID, User], platform: Platform, tmp_path: Path) -> Iterator[Site]:
    """The site, which knows where the platform is."""
    log = tmp_path / "site.log"
    site = Site(
        log,
        {
            "GAME_PLATFORM_API_BASE_URL": platform.running.base_url,
            "GAME_PLATFORM_API_TOKEN": platform.running.token,
        },
    )
    try:
        site.wait_until_ready()
        yield site
    finally:
        site.end()
        print(f"--- {log.name} ---\n{log.read_text()}")


@pytest.fixture
def sign_in(site: Site, chromium: Browser) -> Iterator[SignIn]:
    """Signs somebody in by the form: `sign_in("ada", "Admin", color_scheme="dark")`."""
    with ExitStack() as ends:

        def sign_in(name: str, role: str, *, width: int = 1400, color_scheme: str = "light") -> Person:
            if not User.objects.filter(username=name).exists():
                user = User.objects.create_user(name, password=_PASSWORD, is_staff=role != "Coach")
                user.groups.add(Group.objects.get(name=role))
            context = chromium.new_context(
                viewport={"width": width, "height": 900},
                color_scheme="dark" if color_scheme == "dark" else "light",
                base_url=site.address,
            )
            context.add_init_script(_AT_ONCE)
            ends.callback(context.close)
            person = Person(context.new_page())
            person.log_in(name, _PASSWORD)
            return person

        yield sign_in


@pytest.fixture
def ada(sign_in: SignIn) -> Person:
    """An administrator at a desk."""
    return sign_in("ada", "Admin")
