"""What a payload type says of its fields."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, get_type_hints

import msgspec
from msgspec import inspect

from jobqueue.payloads import Payload
from jobqueue.redaction import is_secret_key

ABSENT: Final = object()
"""No value, which is not null."""

_ABBREVIATIONS = frozenset({"api", "ctf", "id", "json", "sms", "url", "uuid"})
_LISTS = (inspect.ListType, inspect.VarTupleType, inspect.SetType, inspect.FrozenSetType)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One field of a payload type."""

    name: str
    """In JSON."""
    label: str
    about: str
    annotation: Any
    kind: Any
    """Its type as msgspec tells it, without None."""
    options: Sequence[Any] = ()
    """All its values, or all that a list of it may hold, if there are so few."""
    is_nullable: bool
    default: Any
    """As JSON; `ABSENT` if the field has to be given."""

    @property
    def is_secret(self) -> bool:
        """Whether its value should not be seen."""
        return is_secret_key(self.name)

    @property
    def must_be_filled(self) -> bool:
        """Whether there is neither a default nor null."""
        return self.default is ABSENT and not self.is_nullable

    @property
    def is_list(self) -> bool:
        """Whether several options can be chosen."""
        return isinstance(self.kind, _LISTS)

    def is_same(self, one: Any, other: Any) -> bool:
        """Whether two JSON values come to the same for the handler."""
        if one is ABSENT or other is ABSENT:
            return one is other
        if self.is_list and self.options:
            one, other = (sorted(map(str, value or [])) for value in (one, other))
            return bool(one == other)
        try:
            return bool(msgspec.convert(one, self.annotation) == msgspec.convert(other, self.annotation))
        except (msgspec.ValidationError, RecursionError):
            return bool(one == other)


def specs_of(payload_type: type[Payload], without: Collection[str] = ()) -> list[Spec]:
    """The fields of a payload type, in its order.

    Args:
        without: Python names of fields to leave out.
    """
    hints = get_type_hints(payload_type, include_extras=True)
    told = inspect.type_info(payload_type)
    assert isinstance(told, inspect.StructType)  # noqa: S101  a payload is one
    return [_spec(field, hints[field.name]) for field in told.fields if field.name not in without]


def key_of(option: Any) -> str:
    """An option as the value of an HTML element."""
    plain = option.value if isinstance(option, Enum) else option
    return str(plain).lower() if isinstance(plain, bool) else str(plain)


def label_of(option: Any) -> str:
    label = getattr(option, "label", None) if isinstance(option, Enum) else None
    return str(label or in_words(key_of(option)))


def in_words(name: str) -> str:
    """A name as people read it: "Solve limit" for `solve_limit`."""
    words = [word.upper() if word in _ABBREVIATIONS else word for word in name.lower().split("_") if word]
    text = " ".join(words) or name
    return text[:1].upper() + text[1:]


def _spec(field: inspect.Field, annotation: Any) -> Spec:
    kind, told, is_nullable = _core(field.type)
    item, told_of_item, _ = _core(kind.item_type) if isinstance(kind, _LISTS) else (kind, told, False)
    options = _options(item, told_of_item)
    return Spec(
        name=field.encode_name,
        label=str(told.get("title") or in_words(field.name)),
        about=str(told.get("description") or ""),
        annotation=annotation,
        kind=kind,
        options=options if len(set(map(key_of, options))) == len(options) else (),
        is_nullable=is_nullable,
        default=_default(field),
    )


def _core(kind: Any) -> tuple[Any, Mapping[str, Any], bool]:
    """The type itself, what `Meta` tells of it, and whether it may be null."""
    told: dict[str, Any] = {}
    is_nullable = False
    while True:
        if isinstance(kind, inspect.Metadata):
            told = {**(kind.extra_json_schema or {}), **told}
            kind = kind.type
            continue
        is_nullable |= isinstance(kind, inspect.NoneType) or (
            isinstance(kind, inspect.LiteralType) and None in kind.values
        )
        others = [one for one in getattr(kind, "types", ()) if not isinstance(one, inspect.NoneType)]
        is_nullable |= len(others) < len(getattr(kind, "types", ()))
        if len(others) != 1:
            return kind, told, is_nullable
        kind = others[0]


def _options(kind: Any, told: Mapping[str, Any]) -> Sequence[Any]:
    if isinstance(kind, inspect.EnumType):
        return list(kind.cls)
    if isinstance(kind, inspect.LiteralType):
        # msgspec sorts them by their hash
        return sorted((one for one in kind.values if one is not None), key=lambda one: (isinstance(one, str), one))
    return list(told.get("enum", ()))


def _default(field: inspect.Field) -> Any:
    if field.default is not msgspec.NODEFAULT:
        return msgspec.to_builtins(field.default)
    if field.default_factory is not msgspec.NODEFAULT:
        return msgspec.to_builtins(field.default_factory())
    return ABSENT if field.required else None
