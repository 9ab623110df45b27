"""Charts of throughput as stacked bars: where each bar stands, in units of the drawing. No script is needed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobqueue.throughput import Point, Span

HEIGHT = 100.0
"""Of the drawing; a bar of the greatest value is as high."""
_GAP = 0.2
_STEPS = (1, 2, 4)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One colour of a bar."""

    status: str
    """The job state whose colour it has."""
    y: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One step of time. `x` and `width` count bars."""

    point: Point
    x: float
    width: float
    parts: Sequence[Part]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars with what stands beside them."""

    title: str
    span: Span
    length: int
    """How many bars there is room for."""
    legend: Sequence[tuple[str, str]]
    """Colours, as job states, and what they mean; the lowest first."""
    nothing: str
    """What is said if there are no bars."""
    bars: Sequence[Bar]
    top: int
    """The value at the upper edge."""
    total: int
    marks: Sequence[datetime]
    """Times to write below, evenly apart, the first at the left edge."""
    busy: Sequence[Point]
    """The steps in which something happened, newest first: the same as a table."""

    @property
    def time_format(self) -> str:
        """Of the marks, for the template."""
        return "H:i" if self.span.length <= timedelta(days=1) else "D H:i"

    @property
    def middle(self) -> str:
        """The value half way up, as people write it."""
        return f"{self.top / 2:,.0f}" if self.top > 1 else ""


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """What is drawn."""

    title: str
    legend: Sequence[tuple[str, str]]
    values: Callable[[Point], Sequence[int]]
    """As many as the legend has."""
    nothing: str


_EXECUTIONS = _Kind(
    title="Executions",
    legend=[("succeeded", "succeeded"), ("cancelled", "cancelled or put off"), ("failed", "failed")],
    values=lambda point: [point.succeeded, point.other, point.failed],
    nothing="Nothing has run.",
)
_FAILURES = _Kind(
    title="Failures",
    legend=[("dead", "failed for good"), ("retrying", "failed, to be retried")],
    values=lambda point: [min(point.ended_badly, point.failed), max(point.failed - point.ended_badly, 0)],
    nothing="No attempt has failed.",
)


def charts(points: Sequence[Point], span: Span) -> Sequence[Chart]:
    """Everything that ran, and what failed of it."""
    return [_chart(kind, points, span) for kind in (_EXECUTIONS, _FAILURES)]


def rounded_up(number: int) -> int:
    """The next of 1, 2, 4, 10, 20, 40 …, which one can halve in the head."""
    size = 1
    while True:
        for step in _STEPS:
            if step * size >= number:
                return step * size
        size *= 10


def _chart(kind: _Kind, points: Sequence[Point], span: Span) -> Chart:
    totals = [sum(kind.values(point)) for point in points]
    top = rounded_up(max(totals, default=0))
    bars = [_bar(at, point, kind, top) for at, point in enumerate(points) if totals[at]]
    quarter = max(len(points) // 4, 1)
    return Chart(
        title=kind.title,
        span=span,
        length=len(points),
        legend=kind.legend,
        nothing=kind.nothing,
        bars=bars,
        top=top,
        total=sum(totals),
        marks=[point.start for point in points[::quarter]][:4],
        busy=[bar.point for bar in reversed(bars)],
    )


def _bar(at: int, point: Point, kind: _Kind, top: int) -> Bar:
    parts, below = [], 0.0
    for (status, _), value in zip(kind.legend, kind.values(point), strict=True):
        if value:
            # What is there at all is to be seen.
            height = max(HEIGHT * value / top, 1.0)
            parts.append(Part(status=status, y=round(max(HEIGHT - below - height, 0.0), 2), height=round(height, 2)))
            below += height
    return Bar(point=point, x=at + _GAP / 2, width=1 - _GAP, parts=parts)
