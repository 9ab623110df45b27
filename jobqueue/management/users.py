"""Users as operators name them."""

from typing import Any

from django.contrib.auth import get_user_model

_LARGEST_KEY = 2**63 - 1


def user_called(text: str) -> Any:
    """The user of that name, or else with that id; None if there is none."""
    text = text.replace("\0", "")
    users = get_user_model()._default_manager.order_by()  # noqa: SLF001  the only name that every user model has
    found = users.filter(**{get_user_model().USERNAME_FIELD: text}).first()
    if found is None and is_key(text):
        found = users.filter(pk=int(text)).first()
    return found


def is_key(text: str) -> bool:
    """Whether it may be the id of a row."""
    return text.isascii() and text.isdigit() and int(text[:20]) <= _LARGEST_KEY
