"""Times in a browser, which goes on where the server's words end."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page, sync_playwright

from jobqueue.models import Job
from jobqueue.states import Status
from jobqueue.templatetags import jobqueue_times as times

_CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(_CHROMIUM is None, reason="needs Debian's chromium"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the module."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A reader in Berlin, whose clock is five years behind and moves only when told."""
    context = chromium.new_context(timezone_id="Europe/Berlin")
    page = context.new_page()
    page.clock.install(time=datetime(2021, 1, 1, tzinfo=UTC))
    yield page
    context.close()


def show(page: Page, body: str) -> None:
    """A page with our script and nothing else."""
    script = Path(str(finders.find("jobqueue/times.js"))).read_text()
    page.set_content(f"<head><script>{script}</script></head><body>{body}</body>")


def now() -> datetime:
    """By the server's clock."""
    return datetime.now(UTC)


@pytest.mark.parametrize(
    ("span", "at_once", "an_hour_later"),
    [
        (timedelta(seconds=-5), "5 s ago", "1 h ago"),
        (timedelta(minutes=-59, seconds=-30), "59 min ago", "1 h ago"),
        (timedelta(hours=3, seconds=30), "in 3 h", "in 2 h"),
        (timedelta(minutes=30, seconds=30), "in 30 min", "29 min ago"),
        (timedelta(days=-3), "3 d ago", "3 d ago"),
    ],
)
def test_relative_times_go_on_whatever_the_readers_clock_says(
    page: Page, span: timedelta, at_once: str, an_hour_later: str
) -> None:
    said = times.ago(now() + span)
    show(page, said)
    assert page.inner_text("time") == at_once
    page.clock.run_for("01:00:00")
    assert page.inner_text("time") == an_hour_later


def test_a_job_becomes_overdue_before_ones_eyes(page: Page) -> None:
    show(page, times.next_run(Job(run_at=now() + timedelta(seconds=10), status=Status.PENDING)))
    page.clock.run_for(3_000)
    assert page.inner_text("time").startswith("in ")
    assert page.locator("time.jq-overdue").count() == 0
    page.clock.run_for(120_000)
    assert page.inner_text("time.jq-overdue") == "overdue by 1 min"


def test_a_running_job_goes_on_running(page: Page) -> None:
    show(page, times.duration_of(Job(started_at=now() - timedelta(seconds=50), status=Status.RUNNING)))
    page.clock.run_for(20_000)
    assert page.inner_text("time").startswith("1 min 1")


def test_exact_times_are_told_in_the_readers_zone(page: Page) -> None:
    moment = datetime(2026, 11, 22, 5, 42, 10, 71_000, tzinfo=UTC)
    show(page, times.timestamp(moment) + times.clock(moment) + times.ago(moment))
    assert page.inner_text("time >> nth=0") == "2026-11-22 06:42:10 CET"
    assert page.inner_text("time >> nth=1") == "06:42:10.071"
    assert page.get_attribute("time >> nth=2", "title") == "2026-11-22 06:42:10 CET"


def test_what_is_fetched_later_is_told_alike(page: Page) -> None:
    show(page, "<p></p>")
    page.clock.run_for(3_600_000)
    said = times.age(now() - timedelta(seconds=30))
    page.evaluate("said => document.querySelector('p').innerHTML = `<b>${said}</b>`", said)
    page.clock.run_for(100_000)
    assert page.inner_text("time.jq-age") == "2 min"
    assert str(page.get_attribute("time", "title")).endswith(("CET", "CEST"))
