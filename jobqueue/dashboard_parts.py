"""What a project adds to the admin's dashboard, and how it says whether its part is well."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import import_string

from jobqueue.conf import conf
from jobqueue.health import Level


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One link of the chain from a schedule to fresh data: is it well, and where does one see to it?"""

    label: str
    level: Level
    message: str
    """A sentence."""
    url: str = ""
    """The page that shows more; empty for none."""
    permission: str = ""
    """Who may read it beside operators of the queue; empty: whoever sees the dashboard."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a part tells now."""

    context: Mapping[str, Any]
    """For its template."""
    signals: Sequence[Signal] = ()


@dataclass(frozen=True, kw_only=True)
class DashboardPart:
    """One box of the dashboard, filled by the project."""

    title: str
    template: str
    read: Callable[[], Reading]
    """Called for every view and refresh, so it asks few questions, and always as many."""
    permission: str = ""
    """Who may see it beside operators of the queue; empty: whoever sees the dashboard."""


def dashboard_parts() -> Sequence[DashboardPart]:
    """The project's parts."""
    given = conf().DASHBOARD
    return list(import_string(given) if isinstance(given, str) else given)


def problems_of_dashboard() -> Iterator[str]:
    """A sentence for everything in JOB_QUEUE["DASHBOARD"] that is no part."""
    try:
        given: Sequence[object] = dashboard_parts()
    except (ImportError, TypeError) as error:
        yield f"JOB_QUEUE['DASHBOARD'] is {conf().DASHBOARD!r}, which is no list: {error}."
        return
    for part in given:
        if not isinstance(part, DashboardPart):
            yield f"JOB_QUEUE['DASHBOARD'] has {part!r}: expected a DashboardPart."
