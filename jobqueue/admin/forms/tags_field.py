"""A form field for tags, written with commas between them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextInputWidget

from jobqueue import new_job
from jobqueue.exceptions import InvalidOptionError

_LONGEST = 1_000


class TagsField(forms.CharField):
    """A list of texts."""

    def __init__(self, **kwargs: Any) -> None:
        widget = UnfoldAdminTextInputWidget(attrs={"placeholder": "none"})
        super().__init__(**{"widget": widget, "required": False, "max_length": _LONGEST, **kwargs})

    def clean(self, value: Any) -> list[str]:
        """Each tag once, in the order in which they were typed.

        Raises:
            ValidationError: one of them can be none.
        """
        text = super().clean(value if isinstance(value, str) else ", ".join(value or []))
        tags = list(dict.fromkeys(filter(None, (part.strip() for part in text.split(",")))))
        try:
            return new_job.tags(tags)
        except InvalidOptionError as error:
            raise ValidationError(str(error)) from None

    def prepare_value(self, value: Any) -> Any:
        """As it is typed."""
        return value if isinstance(value, str) else ", ".join(value or [])
