"""The orders in which the student table can stand, as they are written in its address."""

from dataclasses import dataclass

from django.db.models import F, OrderBy

_FIELDS: dict[str, tuple[str, ...]] = {
    "name": ("last_name", "first_name"),
    "coach": ("coach__first_name", "coach__last_name"),
    "team": ("team__name",),
    "platform": ("state_rank",),
    "challenges": ("challenges",),
    "practice": ("practice",),
    "ctf": ("ctf",),
    "points": ("points",),
    "active": ("last_active",),
    "solved": ("last_solve_at",),
}
_WORDS = frozenset({"name", "coach", "team", "platform"})


@dataclass(frozen=True, kw_only=True)
class Sort:
    """A column and a direction; written `points` or `-points`."""

    column: str = "name"
    descending: bool = False

    def __str__(self) -> str:
        return f"{'-' if self.descending else ''}{self.column}"

    def by(self, column: str) -> "Sort":
        """What a click on that column gives: the other direction, or first the most of a new figure."""
        if column == self.column:
            return Sort(column=column, descending=not self.descending)
        return Sort(column=column, descending=column not in _WORDS)

    def order(self) -> list[OrderBy | str]:
        """For `order_by`. Students without a figure are last either way: they have neither more nor less."""
        directed = [OrderBy(F(field), descending=self.descending, nulls_last=True) for field in _FIELDS[self.column]]
        return [*directed, "last_name", "first_name", "id"]


def parse_sort(text: str) -> Sort:
    """The sort of an address; an unknown one is by name, so that old links go on working."""
    column = text.removeprefix("-")
    return Sort(column=column, descending=text.startswith("-")) if column in _FIELDS else Sort()
