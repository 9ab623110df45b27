"""A job's result as people read it: a sentence, some numbers, and tables. Task types may say how; see `job_handler`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

type Summarise = Callable[[Any], "Summary"]
"""Takes the stored result, which is JSON; what it raises is logged, and the numbers in the result are shown instead."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows that a result tells of, such as what a dry run would have changed."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    note: str = ""
    """What the rows leave out, if they do."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What came out of a job."""

    headline: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)
    tables: Sequence[Table] = ()


_MOST_NUMBERS = 20


def numbers_in(result: Any) -> Summary:
    """The numbers of a result that nobody explains, one level deep, as the history of schedules has them."""
    if not isinstance(result, Mapping):
        return Summary()
    found = [(name, value) for name, value in _flat(result) if type(value) in (int, float)]
    return Summary(numbers=dict(found[:_MOST_NUMBERS]))


def _flat(result: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in result.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", one) for inner, one in value.items())
        else:
            yield name, value
