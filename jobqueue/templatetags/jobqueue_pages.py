"""What the admin's pages share: names, JSON, and the trigger of what refreshes itself."""

import json
from typing import Any

from django import template

from jobqueue.display.traceback import traceback_html
from jobqueue.display.visible import visible
from jobqueue.redaction import redact, redact_text
from jobqueue.registry import registry

register = template.Library()
register.filter(traceback_html)

_LONGEST_JSON = 65_536

# Not in a hidden tab; not under an open dialog, menu or traceback; not while rows are ticked or text is being selected.
_UNDISTURBED = (
    "document.visibilityState == 'visible'"
    " && !document.querySelector('.jq-tick:checked, .jq-menu:popover-open, .jq-live details[open]')"
    " && !document.querySelector('#modal-content')?.getClientRects().length"
    " && window.getSelection().isCollapsed"
)


@register.simple_tag
def live(seconds: int) -> str:
    """The htmx trigger of a part that refreshes itself unless that would disturb somebody."""
    return f"every {seconds}s [{_UNDISTURBED}]"


@register.filter
def task_label(name: str) -> str:
    """What people call the task type; its name if no handler knows it any more."""
    return registry.label_of(name)


@register.filter
def pretty_json(value: Any) -> str:
    """The value as indented JSON, secrets masked, cut where nobody would read on; the template escapes it."""
    text = json.dumps(redact(value), indent=2, ensure_ascii=False)
    if len(text) <= _LONGEST_JSON:
        return text
    return f"{text[:_LONGEST_JSON]}\n… cut after {_LONGEST_JSON:,} of {len(text):,} characters"


@register.filter
def redacted(text: str) -> str:
    """The text with secrets masked, and with what would deceive the eye made visible."""
    return visible(redact_text(text))


@register.filter
def lookup(mapping: dict[Any, Any], key: Any) -> Any:
    """The mapping's value for a key that is itself a variable."""
    return mapping.get(key)


@register.filter
def thousands(number: float) -> str:
    """The number with its thousands apart: 12,345."""
    return f"{number:,}"
