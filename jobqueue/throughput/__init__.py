"""Throughput: what was executed, how it ended and how long it took, over time. Nothing here reads the jobs.

`transitions.finish` counts; `fold` makes ten minutes of minutes that are past an hour; the others read.
"""

from jobqueue.throughput.bounds import BOUNDS
from jobqueue.throughput.fold import fold, forget
from jobqueue.throughput.series import SPANS, Point, Span, series
from jobqueue.throughput.totals import Total, totals
from jobqueue.throughput.types import TypeSummary, by_type

__all__ = [
    "BOUNDS",
    "SPANS",
    "Point",
    "Span",
    "Total",
    "TypeSummary",
    "by_type",
    "fold",
    "forget",
    "series",
    "totals",
]
