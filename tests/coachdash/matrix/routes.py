"""Every door of the site, as Django's own table of addresses has it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

_METHODS = ("GET", "POST")
_API_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, kw_only=True)
class Door:
    """One method of one address."""

    method: str
    route: str
    """Such as `admin/jobqueue/job/<uuid:job_id>/do/<slug:name>/`."""

    @property
    def name(self) -> str:
        """As the expectations have it."""
        return f"{self.method} /{self.route}"

    @property
    def is_of_api(self) -> bool:
        """Whether it speaks JSON."""
        return self.route.startswith("api/")

    @property
    def parameters(self) -> list[str]:
        """The names of what stands in the address."""
        return _PARAMETER.findall(self.route)

    def address(self, values: dict[str, str]) -> str:
        """The address with these values."""
        return "/" + _PARAMETER.sub(lambda found: values[found[1]], self.route)


def doors() -> list[Door]:
    """All of them, in the order in which Django tries them; the first of two equal routes is the one that counts."""
    routes = list(dict.fromkeys(_routes(get_resolver().url_patterns, "")))
    return [
        Door(method=method, route=route)
        for route in routes
        for method in (_API_METHODS if route.startswith("api/") else _METHODS)
    ]


def _routes(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for pattern in patterns:
        route = before + _plain(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route


def _plain(route: str) -> str:
    """Of a regular expression what a path would say: `^(?P<url>.*)$` becomes `<url>`."""
    return re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", route.removeprefix("^").removesuffix("$"))
