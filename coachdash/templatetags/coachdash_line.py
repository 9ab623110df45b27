"""The line chart of points per day, as SVG: places are attributes, colours come from the stylesheet."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.template import Library

from coachdash.statistics.points import PointsTrend

register = Library()

STEP, HEIGHT, EDGE = 10, 100, 8


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One day; in the chart's own units, measured from its upper left corner."""

    date: date
    points: int
    left: int
    x: int
    y: int


@register.inclusion_tag("coachdash/_line.html")
def line(trend: PointsTrend) -> dict[str, Any]:
    """A line through the days with points, from the lowest near the lower edge to the highest near the upper."""
    skipped = len(trend.days) - len(trend.scored)
    range_ = trend.lowest, trend.highest
    stops = [_stop(nth, *scored, *range_) for nth, scored in enumerate(trend.scored, start=skipped)]
    return {
        "trend": trend,
        "stops": stops,
        "end": stops[-1],
        "width": STEP * len(trend.days),
        "height": HEIGHT,
        "step": STEP,
    }


def _stop(nth: int, when: date, points: int, lowest: int, highest: int) -> Stop:
    # A line that never rises lies in the middle.
    share = (points - lowest) / (highest - lowest) if highest > lowest else 0.5
    return Stop(
        date=when,
        points=points,
        left=STEP * nth,
        x=STEP * nth + STEP // 2,
        y=HEIGHT - EDGE - round((HEIGHT - 2 * EDGE) * share),
    )
