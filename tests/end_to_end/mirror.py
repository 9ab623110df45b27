"""The mirror's figures per account, by SQL of their own, and what they should be by the platform's account."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.db import connection

from tests.gameplatform.platform import Platform

_FIGURES = """
SELECT account.id::text, account.status,
       coalesce(extract(epoch FROM solve.newest)::bigint, 0),
       coalesce(solve.practice, 0), coalesce(solve.practice_points, 0), coalesce(solve.flash, 0),
       coalesce(result.events, 0), coalesce(result.points, 0)
  FROM gameplatform_account AS account
  LEFT JOIN (SELECT account_id, max(solved_at) AS newest,
                    count(*) FILTER (WHERE source = 'odl') AS practice,
                    sum(points) FILTER (WHERE source = 'odl') AS practice_points,
                    count(*) FILTER (WHERE source = 'flash_ctf') AS flash
               FROM gameplatform_solve GROUP BY account_id) AS solve ON solve.account_id = account.id
  LEFT JOIN (SELECT account_id, count(*) AS events, sum(points) AS points
               FROM gameplatform_eventresult GROUP BY account_id) AS result ON result.account_id = account.id
 WHERE account.kind = 'competitor'
"""
_STATS = """
SELECT account_id::text, odl_challenges, odl_points, ctf_challenges, ctf_events, ctf_points, total_points, differs
  FROM gameplatform_accountstats
"""


class Figures(NamedTuple):
    """One account. `newest` is the time of its newest solve in unix seconds, 0 without any."""

    status: str
    newest: int
    practice: int
    practice_points: int
    flash: int
    events: int
    event_points: int


NOTHING = Figures("", 0, 0, 0, 0, 0, 0)


def mirrored() -> dict[str, Figures]:
    """Every competitor's account as the mirror's rows have it."""
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES)
        return {id_: Figures(*figures) for id_, *figures in cursor.fetchall()}


def truth(platform: Platform) -> dict[str, Figures]:
    """Every competitor's account as the platform has it now."""
    return {id_: _true(user) for id_, user in platform.truth().items() if user["role"] == "user"}


def check_mirror(platform: Platform, *, but: Collection[str] = ()) -> None:
    """Compare rows and totals of every account with the platform, those in `but` left out."""
    true = {id_: figures for id_, figures in truth(platform).items() if id_ not in but}
    held = {id_: figures for id_, figures in mirrored().items() if id_ not in but}
    assert sum(figures.practice + figures.flash for figures in true.values()) > 1_000, "The world is too quiet."
    assert held == true
    stats = _stats()
    assert {id_: stats.get(id_, _totals(NOTHING)) for id_ in true} == _all_totals(true)


def _true(user: dict[str, Any]) -> Figures:
    return Figures(
        status=user["status"],
        newest=user["newest_solve_unix"] or 0,
        practice=user["odl_solves"],
        practice_points=user["odl_points"],
        flash=user["flash_solves"],
        events=user["flash_events"],
        event_points=user["flash_points"],
    )


def _stats() -> dict[str, tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_STATS)
        return {id_: tuple(totals) for id_, *totals in cursor.fetchall()}


def _all_totals(figures: Mapping[str, Figures]) -> dict[str, tuple[object, ...]]:
    return {id_: _totals(one) for id_, one in figures.items()}


def _totals(one: Figures) -> tuple[object, ...]:
    total = one.practice_points + one.event_points
    return one.practice, one.practice_points, one.flash, one.events, one.event_points, total, False
