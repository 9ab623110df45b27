"""What a person does at the browser, and what they would complain about."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

PATIENCE = 60_000
"""Milliseconds until something that should come is missed; reached only if something is broken."""

_SERIOUS = {"serious", "critical"}
# The widest thing that sticks out of the window, if the page can be pushed sideways.
_STICKING_OUT = """
() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return null;
    const all = [...document.querySelectorAll("body *")];
    const wide = all.filter((one) => one.getBoundingClientRect().right > width + 1);
    const inner = wide.filter((one) => !wide.some((other) => one !== other && one.contains(other)));
    return inner.slice(0, 3).map((one) => one.outerHTML.slice(0, 200)).join(" … ") || "something";
}
"""
# Text that its own box hides, where no ellipsis says so.
_CUT = """
() => [...document.querySelectorAll("button, .jq-button, .jq-pill, th, label, h1, h2, h3")]
    .filter((one) => one.offsetParent && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
    .filter((one) => {
        const style = getComputedStyle(one);
        return style.overflowX !== "visible" && style.textOverflow !== "ellipsis" && style.overflowX !== "auto";
    })
    .slice(0, 3).map((one) => one.outerHTML.slice(0, 200)).join(" … ")
"""

# Scripts have run, fonts are there, and no part of the page is being fetched or put into its place.
_SETTLED = """
() => document.readyState === "complete" && document.fonts.status === "loaded"
    && !document.querySelector("[x-cloak], .htmx-request, .htmx-swapping, .htmx-settling")
"""


class Person:
    """Somebody with a browser of their own, who hears every complaint of its console."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def log_in(self, name: str, password: str) -> None:
        """By the admin's form."""
        self.page.goto("/admin/login/?next=/admin/")
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()
        self.page.wait_for_url("**/admin/")

    def open(self, path: str) -> None:
        """Go to a page, and see that it can be used as it is."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.ok, f"{path} answers {answer.status}."
        self.settle()

    def follow(self, name: str) -> None:
        """Click the navigation's entry."""
        self.page.locator("a").get_by_text(name, exact=True).first.click()
        self.page.wait_for_load_state("networkidle")

    def settle(self) -> None:
        """Wait until the page is as it stays while nothing happens."""
        self.page.wait_for_function(_SETTLED)

    def sees(self, text: str) -> Locator:
        """Wait until the page says so."""
        found = self.page.get_by_text(text).first
        expect(found).to_be_visible()
        self.settle()
        return found

    def row(self, link: str) -> Locator:
        """The row of a table that has this link."""
        return self.page.locator("tr", has=self.page.get_by_role("link", name=link, exact=True)).first

    def check_layout(self) -> None:
        """Nothing sticks out sideways, and nothing is cut."""
        sticking_out = self.page.evaluate(_STICKING_OUT)
        assert sticking_out is None, f"{self.page.url} scrolls sideways: {sticking_out}"
        cut = self.page.evaluate(_CUT)
        assert not cut, f"{self.page.url} cuts {cut}"

    def check_accessibility(self) -> None:
        """No finding of axe that is serious or critical."""
        found: dict[str, Any] = Axe().run(self.page).response
        serious = [one for one in found["violations"] if one["impact"] in _SERIOUS]
        told = [f"{one['id']}: {one['nodes'][0]['html'][:300]} ({len(one['nodes'])})" for one in serious]
        assert not told, f"{self.page.url}: " + "\n".join(told)

    def check_quiet(self) -> None:
        """The console had no complaint so far."""
        assert not self.complaints, "\n".join(self.complaints)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")
