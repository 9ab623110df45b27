"""The dashboard as a tag, for the index page of whichever admin site, and its numbers."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def queue_dashboard(context: Mapping[str, Any]) -> SafeString:
    """The dashboard, for who may see jobs; nothing for others."""
    # Libraries of tags are imported while the admin is.
    from jobqueue.admin.dashboard.page import TEMPLATE, dashboard, may_see

    request = context["request"]
    if not may_see(request):
        return SafeString("")
    return render_to_string(TEMPLATE, dashboard(request), request)


@register.simple_tag(takes_context=True)
def part(context: Mapping[str, Any], name: str, values: Mapping[str, Any]) -> SafeString:
    """A template of the project's with its own values."""
    return render_to_string(name, dict(values), context["request"])


@register.filter
def seconds(number: float | None) -> str:
    """A duration in seconds as people say it: "3 ms", "0.42 s", "12 s", "3 min"; a dash for none."""
    if number is None:
        return "\N{EN DASH}"
    if number == float("inf"):
        return "> 5 min"
    if number < 1:
        return f"{number * 1000:.0f} ms"
    if number < 60:
        return f"{number:.1f} s" if number < 10 else f"{number:.0f} s"
    return f"{number / 60:.0f} min" if number < 3600 else f"{number / 3600:.1f} h"


@register.filter
def percent(part_of_one: float) -> str:
    """A part of one, such as 0.125, as "12.5 %"; never 0 % of something."""
    number = part_of_one * 100
    if 0 < number < 0.1:
        return "< 0.1 %"
    return f"{number:.1f}".removesuffix(".0") + " %"
