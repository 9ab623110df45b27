"""The bounds between which durations are counted, and the SQL that adds such counts up."""

from itertools import pairwise

BOUNDS = (0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Seconds; a duration is counted under the first bound that it does not exceed. The finishing statement has them in
its text, so a change of them is a migration."""

_PLACES = range(1, len(BOUNDS) + 2)

# The columns that are added up when rows become one, as of the table under the name `row`.
_SUMS = ("count", "seconds", "waited", "wait_seconds")
COLUMNS = (
    "start, task_type, outcome, status, slot, count, seconds, longest, waited, wait_seconds, longest_wait, durations"
)
SUMMED = ", ".join(
    (
        "sum(row.count)::bigint, sum(row.seconds), max(row.longest)",
        "sum(row.waited)::bigint, sum(row.wait_seconds), max(row.longest_wait)",
        f"ARRAY[{', '.join(f'sum(row.durations[{place}])::bigint' for place in _PLACES)}]",
    )
)
"""The aggregates over `row` in the order of `COLUMNS` after the key."""
COUNTED = ",\n                 ".join(
    f"count(*) FILTER (WHERE {condition})"
    for condition in (
        f"run.took <= {BOUNDS[0]}",
        *(f"run.took > {low} AND run.took <= {high}" for low, high in pairwise(BOUNDS)),
        f"run.took > {BOUNDS[-1]}",
    )
)
"""The elements of `durations` over what `run.took`."""
_ADDED = ", ".join(f"known.durations[{place}] + excluded.durations[{place}]" for place in _PLACES)
ON_CONFLICT = f"""ON CONFLICT (start, task_type, outcome, status, slot) DO UPDATE
    SET {", ".join(f"{name} = known.{name} + excluded.{name}" for name in _SUMS)},
        longest = greatest(known.longest, excluded.longest),
        longest_wait = greatest(known.longest_wait, excluded.longest_wait),
        durations = ARRAY[{_ADDED}]"""  # noqa: S608  constants only
"""What an INSERT into the table AS `known` does with a key that is there already."""


def quantile(durations: list[int], part: float) -> float | None:
    """The bound under which `part` of the durations are; None if there are none, infinity if it is above the last."""
    wanted, seen = sum(durations) * part, 0
    for bound, number in zip((*BOUNDS, float("inf")), durations, strict=True):
        seen += number
        if number and seen >= wanted:
            return bound
    return None
