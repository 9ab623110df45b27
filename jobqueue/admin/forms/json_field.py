"""A form field for JSON that shows no secrets: they are masked, and what stays masked stays as it is stored."""

import json
from typing import Any

import msgspec
from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextareaWidget

from jobqueue.payloads import holds_nul
from jobqueue.redaction import MASK, redact, redact_text

LONGEST = 100_000
"""So many characters a JSON text may have."""


class RawJSONField(forms.CharField):
    """JSON as text; an empty field is None."""

    def __init__(self, **kwargs: Any) -> None:
        widget = UnfoldAdminTextareaWidget(attrs={"rows": 5, "class": "font-mono", "spellcheck": "false"})
        super().__init__(**{"widget": widget, **kwargs})

    def to_python(self, value: Any) -> Any:
        """The value that the text says.

        Raises:
            ValidationError: it is no JSON, or too long.
        """
        if not isinstance(value, str):
            return value
        if len(value) > LONGEST:
            raise ValidationError(f"A text of {len(value):,} characters is too long: expected {LONGEST:,} at most.")
        if not value.strip():
            return None
        if holds_nul(value.encode(errors="replace")):
            raise ValidationError("The database cannot store the character \\u0000.")
        try:
            return msgspec.json.decode(value)
        except RecursionError:
            raise ValidationError("This is nested too deeply.") from None
        except (msgspec.DecodeError, UnicodeEncodeError) as error:
            raise ValidationError(f'This is not JSON: expected something such as {{"dryRun": true}}. {error}') from None

    def prepare_value(self, value: Any) -> Any:
        """The text to show; of a text that somebody has typed, all but its secrets."""
        if not isinstance(value, str):
            return "" if value is None else _written(redact(value))
        try:
            typed = self.to_python(value)
        except ValidationError:
            return redact_text(value)
        shown = redact(typed)
        return value if shown == typed else _written(shown)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether it says something else."""
        try:
            return bool(self.to_python(data) != redact(initial))
        except ValidationError:
            return True


def unmasked(value: Any, stored: Any) -> Any:
    """The value with the stored secrets where it has what `redact` made of them.

    Raises:
        ValidationError: a mask has no stored secret behind it.
    """
    restored = _restored(value, redact(stored), stored)
    if MASK in json.dumps(restored, ensure_ascii=False):
        raise ValidationError(f"{MASK} stands for a secret that is not stored here: write the secret itself.")
    return restored


def _restored(value: Any, shown: Any, stored: Any) -> Any:
    if value == shown:
        return stored
    if isinstance(value, dict) and isinstance(stored, dict):
        return {
            key: _restored(inner, shown[key], stored[key]) if key in stored else inner for key, inner in value.items()
        }
    if isinstance(value, list) and isinstance(stored, list) and len(value) == len(stored):
        return [_restored(*three) for three in zip(value, shown, stored, strict=True)]
    return value


def _written(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
