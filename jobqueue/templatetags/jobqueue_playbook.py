"""Ways into the playbook: its button, and from an error code to the section that explains it."""

from typing import Any

from django import template
from django.urls import reverse

from jobqueue.playbook.file import UnreadablePlaybookError, has_playbook, playbook

register = template.Library()


@register.inclusion_tag("jobqueue/playbook/button.html")
def playbook_button() -> dict[str, Any]:
    """The button, if the project has a playbook; one that cannot be read says so on its page."""
    return {"url": _page() if has_playbook() else ""}


@register.inclusion_tag("jobqueue/playbook/advice.html")
def playbook_advice(code: str) -> dict[str, Any]:
    """A link to the section about an error code, if there is one."""
    try:
        found = playbook()
    except UnreadablePlaybookError:
        found = None
    anchor = found.section_of(code) if found and code else ""
    return {"url": f"{_page()}#{anchor}" if anchor else ""}


def _page() -> str:
    return reverse("admin:jobqueue_playbook")
