"""What the job list's filters offer: from the code, and from small tables or the ends of an index, never many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import connection

from jobqueue.admin.jobs.filters import known_queues
from jobqueue.admin.jobs.query import SPANS
from jobqueue.admin.schedules.scope_names import labels_of
from jobqueue.models import Failure, Schedule
from jobqueue.registry import registry
from jobqueue.scopes import Scope, scopes
from jobqueue.states import Status

MOST = 50
_NEWEST_FAILURES = 500

# From one creator to the next by index, without a look at the jobs of each.
_CREATORS = f"""
WITH RECURSIVE creator (id) AS (
    (SELECT created_by_id FROM jobqueue_job WHERE created_by_id IS NOT NULL ORDER BY created_by_id LIMIT 1)
    UNION ALL
    SELECT (SELECT created_by_id FROM jobqueue_job WHERE created_by_id > creator.id ORDER BY created_by_id LIMIT 1)
    FROM creator WHERE creator.id IS NOT NULL
)
SELECT id FROM creator WHERE id IS NOT NULL LIMIT {MOST}
"""  # noqa: S608  a constant only


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One filter, and what can be chosen."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: str
    is_open: bool = False
    """Anything may be written; the options are suggestions."""


def main_choices(params: Mapping[str, str]) -> list[Choice]:
    """The filters that people use most."""
    types = [(kind.name, kind.label) for kind in registry]
    return [
        _choice("status", "Any status", [(state.value, state.label) for state in Status], params),
        _choice("task_type", "Any type", types, params),
        _choice("date", "Any date", list(SPANS.items()), params),
    ]


def more_choices(params: Mapping[str, str]) -> list[Choice]:
    """The others."""
    return [
        _choice("queue", "Any queue", [(name, name) for name in known_queues()], params),
        *(_of_scope(scope, params) for scope in scopes()),
        _suggestions("created_by", "Created by", _creators(), params),
        _suggestions("schedule", "Schedule", _schedules(), params),
        _suggestions("error_code", "Error code", _error_codes(), params),
        _suggestions("tag", "Tag", [], params),
    ]


def _choice(name: str, label: str, options: list[tuple[str, str]], params: Mapping[str, str]) -> Choice:
    chosen = params.get(name, "")
    if chosen and chosen not in dict(options):
        options = [*options, (chosen, chosen.replace(",", " or "))]
    return Choice(name=name, label=label, options=options, chosen=chosen)


def _suggestions(name: str, label: str, words: list[str], params: Mapping[str, str]) -> Choice:
    options = [(word, word) for word in words]
    return Choice(name=name, label=label, options=options, chosen=params.get(name, ""), is_open=True)


def _of_scope(scope: Scope, params: Mapping[str, str]) -> Choice:
    some = {one.pk: scope.label_of(one) for one in scope.choices()[:MOST]}
    chosen = params.get(scope.name, "")
    if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 and int(chosen) not in some:
        some |= labels_of(scope, {int(chosen)})
    return _choice(scope.name, f"Any {scope.label.lower()}", [(str(key), name) for key, name in some.items()], params)


def _creators() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_CREATORS)
        ids = [row[0] for row in cursor.fetchall()]
    users = get_user_model()._default_manager.filter(pk__in=ids)  # noqa: SLF001  the only name that all have
    name = get_user_model().USERNAME_FIELD
    return sorted(users.values_list(name, flat=True))


def _schedules() -> list[str]:
    return list(Schedule.objects.order_by("name").values_list("name", flat=True)[:MOST])


def _error_codes() -> list[str]:
    latest = Failure.objects.order_by("-last_seen_at").values_list("error_code", flat=True)[:_NEWEST_FAILURES]
    return sorted(filter(None, set(latest)))[:MOST]
