"""For whom schedules run, in words: the names behind the ids of their scopes."""

from collections.abc import Sequence
from dataclasses import dataclass

from jobqueue.models import Schedule
from jobqueue.scopes import Scope, scopes


@dataclass(frozen=True, kw_only=True)
class ScopeName:
    """One part of a schedule's scope."""

    scope: str
    key: int
    label: str
    """Such as "Alice"; "coach 12" if there is no such one any more."""


def scope_names(schedules: Sequence[Schedule]) -> dict[int, list[ScopeName]]:
    """By schedule, the narrowest part first: a coach, then the organization. One query per kind of scope."""
    named: dict[int, list[ScopeName]] = {schedule.pk: [] for schedule in schedules}
    for scope in reversed(scopes()):
        wanted = {schedule.pk: schedule.scope[scope.name] for schedule in schedules if scope.name in schedule.scope}
        labels = labels_of(scope, set(wanted.values()))
        for schedule, key in wanted.items():
            label = labels.get(key, f"{scope.label.lower()} {key}")
            named[schedule].append(ScopeName(scope=scope.name, key=key, label=label))
    return named


def labels_of(scope: Scope, keys: set[int]) -> dict[int, str]:
    """What those of them are called that are there."""
    return {one.pk: scope.label_of(one) for one in scope.choices().filter(pk__in=keys)} if keys else {}
