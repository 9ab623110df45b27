"""A form field for a span of time, written 90s, 5m, 2h or 14d."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextInputWidget

from jobqueue.durations import parse_duration

_LONGEST = 20
_SIZES = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)))


class SpanField(forms.CharField):
    """A span of time, shown as it is typed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": UnfoldAdminTextInputWidget(attrs={"class": "jq-short"}), **kwargs})

    def to_python(self, value: Any) -> Any:
        """The span that the text says.

        Raises:
            ValidationError: it says none.
        """
        if isinstance(value, timedelta):
            return value
        text = (value or "").strip()
        if not text:
            return None
        try:
            return parse_duration(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def prepare_value(self, value: Any) -> Any:
        """The text to show."""
        return written(value) if isinstance(value, timedelta) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether it says another span."""
        return bool(self.prepare_value(initial) != data)


def written(span: timedelta) -> str:
    """The span as operators write it, such as "90s" or "2h"."""
    for unit, size in _SIZES:
        if span and span % size == timedelta():
            return f"{span // size}{unit}"
    return f"{span.total_seconds():g}s"
