"""A form made from a task type's payload type: what people fill in instead of JSON."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec
from django import forms
from django.core.exceptions import ValidationError

from jobqueue.admin.forms.json_field import RawJSONField
from jobqueue.admin.forms.payload_fields import form_field, to_form, to_json
from jobqueue.admin.forms.payload_specs import ABSENT, Spec, specs_of
from jobqueue.payloads import Payload

PREFIX = "payload"
_AT = re.compile(r"`\$\.([^`.\[]+)[^`]*`")
_MISSING = re.compile(r"missing required field `([^`]+)`$")
_PLACE = re.compile(r" - at `\$[^`]*`$")


class PayloadForm(forms.Form):
    """A field for each of the payload type's; a value that is the type's default is left out of the payload.

    Args:
        payload_type: what the form is for.
        data: what was posted.
        values: a payload to show.
        stored: the payload as it is stored, of which is kept what does not change: values that are written though
            they are the default, and secrets, which the form does not show.
        without: Python names of fields that are set elsewhere.
    """

    def __init__(
        self,
        payload_type: type[Payload],
        data: Mapping[str, Any] | None = None,
        *,
        values: Mapping[str, Any] | None = None,
        stored: Mapping[str, Any] | None = None,
        without: Collection[str] = (),
        prefix: str = PREFIX,
    ) -> None:
        super().__init__(data, prefix=prefix)
        self.stored = stored or {}
        self.specs = {spec.name: spec for spec in specs_of(payload_type, without)}
        for name, spec in self.specs.items():
            self.fields[name] = form_field(spec, is_stored=self.stored.get(name) is not None)
            if isinstance(self.fields[name], forms.BooleanField | forms.TypedMultipleChoiceField):
                self.initial[name] = to_form(
                    spec, self.fields[name], spec.default if spec.default is not ABSENT else None
                )
        for name, value in (values or {}).items():
            if self._shows(name, value):
                self.initial[name] = to_form(self.specs[name], self.fields[name], value)

    def can_show(self, payload: Any) -> bool:
        """Whether the form, filled with this payload and left alone, says the same again."""
        return isinstance(payload, Mapping) and all(self._shows(name, value) for name, value in payload.items())

    def showable(self, payload: Any) -> dict[str, Any]:
        """Of a payload of another type, what this form can show."""
        if not isinstance(payload, Mapping):
            return {}
        return {name: value for name, value in payload.items() if self._shows(name, value)}

    def payload(self) -> dict[str, Any]:
        """The payload that a valid form says."""
        return dict(self._said())

    def entered(self) -> dict[str, Any]:
        """Of a form that may be invalid, the values that are not the default and right each by itself."""
        self.is_valid()
        return {name: value for name, value in self._said() if name in self.cleaned_data}

    def take(self, problem: str) -> bool:
        """Show what the payload type refused at its field; False if it is about no field here."""
        found = _AT.search(problem) or _MISSING.search(problem)
        name = found[1] if found else ""
        if name not in self.fields:
            return False
        if name not in self.errors:
            self.add_error(name, _PLACE.sub("", problem))
        return True

    def _said(self) -> Iterator[tuple[str, Any]]:
        for name, spec in self.specs.items():
            value, before = to_json(spec, self.cleaned_data.get(name)), self.stored.get(name, ABSENT)
            if value is ABSENT and spec.is_secret:
                value = before
            if before is not ABSENT and spec.is_same(spec.default if value is ABSENT else value, before):
                value = before
            elif spec.is_same(value, spec.default):
                value = ABSENT
            if value is not ABSENT:
                yield name, value

    def _shows(self, name: str, value: Any) -> bool:
        spec = self.specs.get(name)
        if spec is None:
            return False
        if spec.is_secret:
            return isinstance(value, str) or value is None
        try:
            again = _through(spec, self.fields[name], value)
        except (ValidationError, ValueError, TypeError, RecursionError, msgspec.MsgspecError):
            return False
        return spec.is_same(spec.default if again is ABSENT else again, value)


def _through(spec: Spec, field: forms.Field, value: Any) -> Any:
    """What the field makes of the value that it shows."""
    shown = to_form(spec, field, value)
    if not isinstance(field, RawJSONField):
        return to_json(spec, field.clean(field.prepare_value(shown)))
    return to_json(spec, field.clean(shown))
