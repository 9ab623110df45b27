"""Which filters are on, in words, each with an address without it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from jobqueue.admin.jobs.query import SPANS, ListQuery
from jobqueue.admin.jobs.relation import PARAMETER, say_relation
from jobqueue.admin.schedules.scope_names import labels_of
from jobqueue.models import Failure, Schedule
from jobqueue.registry import registry
from jobqueue.scopes import scopes
from jobqueue.states import parse_status

_LABELS = {
    "q": "Search",
    "status": "Status",
    "task_type": "Type",
    "queue": "Queue",
    "date": "Created",
    "since": "Created from",
    "until": "Created before",
    "created_by": "Created by",
    "schedule": "Schedule",
    "error_code": "Error",
    "tag": "Tag",
    PARAMETER: "Related",
    "fingerprint": "Failure",
}
_BY_END = {"date": "Finished", "since": "Finished from", "until": "Finished before"}


@dataclass(frozen=True, kw_only=True)
class Chip:
    """One filter that is on."""

    label: str
    value: str
    without: str
    """The query of the address without it."""


def chips(asked: ListQuery) -> list[Chip]:
    """In the order of the address."""
    return list(_chips(asked))


def _chips(asked: ListQuery) -> Iterator[Chip]:
    labels = {**_LABELS, **{scope.name: scope.label for scope in scopes()}}
    if asked.jobs.is_by_end:
        labels |= _BY_END
    for name, text in asked.params.items():
        value = _SAID[name](text) if name in _SAID else _scope(name, text) or text
        yield Chip(label=labels[name], value=value, without=_without(asked.params, name))


def _without(params: Mapping[str, str], name: str) -> str:
    return "?" + urlencode({other: text for other, text in params.items() if other != name})


def _each(say: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: " or ".join(say(word.strip()) for word in text.split(",") if word.strip())


def _status(word: str) -> str:
    try:
        return parse_status(word).label
    except ValueError:
        return word


def _schedule(text: str) -> str:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        return text
    return Schedule.objects.filter(pk=int(text)).values_list("name", flat=True).first() or text


def _failure(text: str) -> str:
    failure = Failure.objects.filter(fingerprint=text.replace("\0", "")).order_by().first()
    return f"{registry.label_of(failure.task_type)}: {failure.error_code}" if failure else text


def _scope(name: str, text: str) -> str:
    scope = next((one for one in scopes() if one.name == name), None)
    if scope is None or not (text.isascii() and text.isdecimal() and len(text) < 19):
        return ""
    return labels_of(scope, {int(text)}).get(int(text), "")


_SAID: Mapping[str, Callable[[str], str]] = {
    "status": _each(_status),
    "task_type": _each(registry.label_of),
    "queue": _each(str),
    "error_code": _each(str),
    "date": lambda text: SPANS.get(text, text),
    "since": lambda text: text.replace("T", " "),
    "until": lambda text: text.replace("T", " "),
    "schedule": _schedule,
    "fingerprint": _failure,
    PARAMETER: say_relation,
}
