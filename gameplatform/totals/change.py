"""Totals before and after, as dry runs report them."""

from collections.abc import Collection, Mapping
from uuid import UUID

from msgspec import Struct

from gameplatform.models import AccountStats

type Totals = tuple[int, int]
"""Challenges and points, practice and events together."""

_NOTHING: Totals = (0, 0)
CHANGES_SHOWN = 200
"""So many accounts a dry run lists."""


class AccountChange(Struct, frozen=True, kw_only=True):
    """What a dry run would have changed for one account."""

    account: UUID
    new_solves: int
    challenges_before: int
    challenges_after: int
    points_before: int
    points_after: int


def totals_of(ids: Collection[UUID]) -> dict[UUID, Totals]:
    """The stored totals of those accounts that have any."""
    return {
        stats.pk: (stats.odl_challenges + stats.ctf_challenges, stats.total_points)
        for stats in AccountStats.objects.filter(pk__in=ids)
    }


def changes_between(
    before: Mapping[UUID, Totals], after: Mapping[UUID, Totals], new_solves: Mapping[UUID, int]
) -> list[AccountChange]:
    """One entry for each account in `after` whose totals or solves are other than before."""
    return [
        AccountChange(
            account=account_id,
            new_solves=new_solves.get(account_id, 0),
            challenges_before=before.get(account_id, _NOTHING)[0],
            challenges_after=totals[0],
            points_before=before.get(account_id, _NOTHING)[1],
            points_after=totals[1],
        )
        for account_id, totals in after.items()
        if new_solves.get(account_id) or before.get(account_id, _NOTHING) != totals
    ]
