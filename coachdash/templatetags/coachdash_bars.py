"""The bar chart of solves per day, as SVG: sizes are attributes, colours come from the stylesheet."""

from dataclasses import dataclass
from typing import Any

from django.template import Library

from coachdash.statistics.trend import Day, Trend

register = Library()

STEP, THICK, HEIGHT = 10, 7, 100


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One day; lengths in the chart's own units, measured from its upper left corner."""

    day: Day
    x: int
    practice_top: int
    practice_height: int
    ctf_top: int
    ctf_height: int


@register.inclusion_tag("coachdash/_bars.html")
def bars(trend: Trend) -> dict[str, Any]:
    """One bar a day, practice below and CTF on top; the best day reaches the upper edge."""
    most = max(trend.best.solves, 1)
    return {
        "bars": [_bar(nth, day, most) for nth, day in enumerate(trend.days)],
        "width": STEP * len(trend.days) - (STEP - THICK),
        "height": HEIGHT,
        "step": STEP,
        "thick": THICK,
    }


def _bar(nth: int, day: Day, most: int) -> Bar:
    top = HEIGHT - round(HEIGHT * day.solves / most)
    border = HEIGHT - round(HEIGHT * day.practice / most)
    return Bar(
        day=day,
        x=STEP * nth,
        practice_top=border,
        practice_height=HEIGHT - border,
        ctf_top=top,
        ctf_height=border - top,
    )
