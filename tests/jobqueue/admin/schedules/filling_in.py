"""Filling in the forms of pages as a browser does: what the page says, and what the test changes."""

from html.parser import HTMLParser
from typing import Any

type Data = dict[str, str | list[str]]

SCHEDULES = "/admin/jobqueue/schedule/"


class _Reader(HTMLParser):
    """Collects what the forms of a page would post."""

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, list[str]] = {}
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._textarea = name
            self.data[name] = [""]
        elif tag == "option" and "selected" in given:
            self.data[self._select] = [value]
        elif tag == "option" and self._select:
            self.data.setdefault(self._select, [value])
        elif tag == "input" and name and given.get("type") in ("checkbox", "radio"):
            if "checked" in given:
                self.data.setdefault(name, []).append(value or "on")
        elif tag == "input" and name:
            self.data[name] = [value]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self._select = self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.data[self._textarea][0] += data


def filled_in(response: Any) -> Data:
    """What the forms of the page would post if nobody touched them."""
    reader = _Reader()
    reader.feed(response.content.decode())
    data: Data = {name: values[0] if len(values) == 1 else values for name, values in reader.data.items()}
    # The first line break of a text area is no part of its text.
    return {
        name: value.removeprefix("\r\n").removeprefix("\n") if isinstance(value, str) else value
        for name, value in data.items()
    }


def errors(response: Any) -> dict[str, str]:
    """What the page says is wrong, by field."""
    found = response.context_data["adminform"].form.errors
    return {name: " ".join(map(str, problems)) for name, problems in found.items()}


def without(data: Data, *names: str) -> Data:
    """What would be posted if these were not ticked."""
    return {name: value for name, value in data.items() if name not in names}
