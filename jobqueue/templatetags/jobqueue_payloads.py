"""A job's payload in one line, as people read it; secrets masked."""

import re
from collections.abc import Iterator
from typing import Any

from django import template
from django.template.defaultfilters import filesizeformat

from jobqueue.display.document import UnreadableError, beginning, document
from jobqueue.display.stored import Stored
from jobqueue.display.visible import visible
from jobqueue.durations import say_duration
from jobqueue.models import Job

register = template.Library()

_LONGEST_VALUE = 40
_LONGEST = 160
_MOST = 8
_UNSEEN = re.compile(r"\s+")


@register.filter
def payload_summary(job: Job) -> str:
    """Such as "dryRun: no · coach 3"; what was left open says nothing. Of a large payload, its size."""
    text, size = getattr(job, "payload_text", None), getattr(job, "payload_size", 0)  # annotated by the list
    if text is None:
        return f"{filesizeformat(size)} of payload"
    stored = Stored(text=text, length=len(text))
    try:
        said = list(_parts(document(stored)))
    except UnreadableError:
        return beginning(stored, _LONGEST)
    text = " · ".join(said[:_MOST]) + (" …" if len(said) > _MOST else "")
    return visible(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")


@register.filter
def interval_badge(job: Job) -> str:
    """The time between two runs of its schedule: "↻ 60m"; only the arrow if that runs at given times."""
    interval = getattr(job, "interval", None)
    if interval is None:
        return "↻"
    minutes, seconds = divmod(int(interval.total_seconds()), 60)
    return f"↻ {minutes}m" if not seconds and minutes <= 120 else f"↻ {say_duration(interval)}"


def _parts(payload: Any) -> Iterator[str]:
    if not isinstance(payload, dict):
        yield _value(payload)
        return
    for name, value in payload.items():
        if value is None or value == "" or value == [] or value == {}:
            continue
        word = name.removesuffix("Id").removesuffix("_id")
        if word and word != name and not isinstance(value, bool | dict | list):
            yield f"{word} {_value(value)}"
        else:
            yield f"{name}: {_value(value)}"


def _value(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case dict():
            return "{…}"
        case list():
            plain = [_value(one) for one in value[:_MOST]]
            return _cut(", ".join(plain) + (" …" if len(value) > _MOST else ""))
        case _:
            return _cut(str(value))


def _cut(text: str) -> str:
    text = _UNSEEN.sub(" ", text)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
