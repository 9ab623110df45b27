"""Duplicating a schedule: the form for a new one, filled in like another."""

from typing import Any

from django.forms.models import model_to_dict

from jobqueue.models import Schedule

_LONGEST = 100
_MOST_TRIED = 1_000


def values_like(key: str) -> dict[str, Any]:
    """The fields of the schedule with that id, under a name that is free; nothing if there is none."""
    is_key = key.isascii() and key.isdecimal() and len(key) < 19
    schedule = Schedule.objects.filter(pk=key).first() if is_key else None
    if schedule is None:
        return {}
    return {**model_to_dict(schedule, exclude=["id"]), "name": _free_name(schedule.name)}


def _free_name(name: str) -> str:
    begin = name[: _LONGEST - 10]
    taken = set(Schedule.objects.filter(name__startswith=f"{begin} copy").values_list("name", flat=True)[:_MOST_TRIED])
    numbered = (f"{begin} copy {number}" for number in range(2, _MOST_TRIED + 2))
    return next(free for free in (f"{begin} copy", *numbered) if free not in taken)
