"""The form field that each field of a payload type gets, and its way to JSON and back."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec
from django import forms
from django.utils.html import format_html
from msgspec import inspect
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from jobqueue.admin.forms.json_field import RawJSONField
from jobqueue.admin.forms.payload_specs import ABSENT, Spec, key_of, label_of


def form_field(spec: Spec, *, is_stored: bool) -> forms.Field:
    """The form field for it; one of JSON if there is none that says its type.

    Args:
        is_stored: whether the value is stored already, which matters for secrets.
    """
    common: dict[str, Any] = {
        "label": spec.label,
        "help_text": _help(spec, is_stored=is_stored),
        "required": spec.must_be_filled and not (spec.is_secret and is_stored),
    }
    if spec.is_secret:
        return _secret(spec, common)
    if spec.options:
        return _choice(spec, common)
    for kind, make in _FIELDS.items():
        if isinstance(spec.kind, kind):
            return make(spec, common)
    return RawJSONField(**common)


def to_form(spec: Spec, field: forms.Field, value: Any) -> Any:
    """A JSON value as the form field shows it.

    Raises:
        ValueError, TypeError: it is not of the field's type.
    """
    if value is None:
        return None
    if spec.options:
        return list(dict.fromkeys(map(key_of, value))) if spec.is_list else key_of(value)
    if isinstance(field, RawJSONField):
        return field.prepare_value(value) if not isinstance(value, str) else msgspec.json.encode(value).decode()
    if isinstance(field, forms.ChoiceField):
        return key_of(value)
    if isinstance(field, forms.DateTimeField):
        return msgspec.convert(value, datetime)
    if isinstance(field, forms.CharField) and "\n" in value:
        raise ValueError("A line cannot hold several.")
    return value


def to_json(spec: Spec, value: Any) -> Any:
    """What a form field gave, as a JSON value; `ABSENT` if nothing was said and the type has a default."""
    if value in (None, ""):
        return None if spec.default is ABSENT else ABSENT
    if isinstance(value, datetime) and spec.kind.tz is False:
        value = value.replace(tzinfo=None)
    return msgspec.to_builtins(value)


def _help(spec: Spec, *, is_stored: bool) -> str:
    kind = spec.kind
    low, high = getattr(kind, "ge", None), getattr(kind, "le", None)
    facts = [
        spec.about,
        f"{low:,} to {high:,}" if low is not None and high is not None else "",
        f"at least {low:,}" if low is not None and high is None else "",
        f"at most {high:,}" if high is not None and low is None else "",
        "it is set; leave it empty to keep it" if spec.is_secret and is_stored else "",
    ]
    return format_html("<code>{}</code>{}", spec.name, "".join(f" · {fact}" for fact in facts if fact))


def _secret(spec: Spec, common: dict[str, Any]) -> forms.Field:
    widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
    field = forms.CharField if isinstance(spec.kind, inspect.StrType) else RawJSONField
    return field(widget=widget, **common)


def _choice(spec: Spec, common: dict[str, Any]) -> forms.Field:
    choices = [(key_of(option), label_of(option)) for option in spec.options]
    chosen = {key_of(option): option for option in spec.options}.__getitem__
    if spec.is_list:
        common["required"] = bool(getattr(spec.kind, "min_length", None))
        widget = UnfoldAdminCheckboxSelectMultipleWidget()
        messages = {"required": "Choose at least one."}
        return forms.TypedMultipleChoiceField(
            choices=choices, coerce=chosen, empty_value=[], widget=widget, error_messages=messages, **common
        )
    return _select(spec, common, choices, chosen)


def _select(
    spec: Spec, common: dict[str, Any], choices: list[tuple[str, str]], chosen: Callable[[str], Any]
) -> forms.Field:
    none = "Choose …" if spec.must_be_filled else "-"
    if spec.default not in (ABSENT, None):
        none = f"Default: {dict(choices).get(key_of(spec.default), spec.default)}"
    return forms.TypedChoiceField(
        choices=[("", none), *choices], coerce=chosen, empty_value=None, widget=UnfoldAdminSelectWidget(), **common
    )


def _boolean(spec: Spec, common: dict[str, Any]) -> forms.Field:
    if spec.is_nullable:
        return _select(spec, common, [("true", "Yes"), ("false", "No")], "true".__eq__)
    return forms.BooleanField(widget=UnfoldBooleanSwitchWidget(), **{**common, "required": False})


def _integer(spec: Spec, common: dict[str, Any]) -> forms.Field:
    kind = spec.kind
    low = kind.ge if kind.gt is None else kind.gt + 1
    high = kind.le if kind.lt is None else kind.lt - 1
    widget = UnfoldAdminIntegerFieldWidget(_hint(spec))
    return forms.IntegerField(min_value=low, max_value=high, widget=widget, **common)


def _float(spec: Spec, common: dict[str, Any]) -> forms.Field:
    widget = UnfoldAdminDecimalFieldWidget({**_hint(spec), "step": "any"})
    return forms.FloatField(min_value=spec.kind.ge, max_value=spec.kind.le, widget=widget, **common)


def _text(spec: Spec, common: dict[str, Any]) -> forms.Field:
    kind, widget = spec.kind, UnfoldAdminTextInputWidget(attrs=_hint(spec))
    return forms.CharField(min_length=kind.min_length, max_length=kind.max_length, widget=widget, **common)


def _typed(field: Callable[..., forms.Field], type_: str, spec: Spec, common: dict[str, Any]) -> forms.Field:
    attrs = {**_hint(spec), "type": type_, "class": "jq-moment" if type_ != "text" else ""}
    if type_ == "datetime-local":
        attrs["step"] = "1"
    return field(widget=UnfoldAdminTextInputWidget(attrs=attrs), **common)


def _moment(spec: Spec, common: dict[str, Any]) -> forms.Field:
    return _typed(_DateTimeField, "datetime-local", spec, common)


class _DateTimeField(forms.DateTimeField):
    def prepare_value(self, value: Any) -> Any:
        value = super().prepare_value(value)
        return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _hint(spec: Spec) -> dict[str, Any]:
    return {} if spec.default in (ABSENT, None, "") else {"placeholder": str(spec.default)}


_FIELDS: Final[Mapping[type, Callable[[Spec, dict[str, Any]], forms.Field]]] = {
    inspect.BoolType: _boolean,
    inspect.IntType: _integer,
    inspect.FloatType: _float,
    inspect.StrType: _text,
    inspect.DateType: partial(_typed, forms.DateField, "date"),
    inspect.DateTimeType: _moment,
    inspect.UUIDType: partial(_typed, forms.UUIDField, "text"),
}
