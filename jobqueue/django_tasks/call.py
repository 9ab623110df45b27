"""The call of a task: the payload of its jobs."""

import json
from typing import Any

from django.utils.json import normalize_json

from jobqueue.payloads import Payload


class TaskCall(Payload, frozen=True):
    """What the task's function is called with, besides its context."""

    args: list[Any] = []
    kwargs: dict[str, Any] = {}


def arguments_of(args: Any, kwargs: Any) -> tuple[list[Any], dict[str, Any]]:
    """The arguments as the function will get them: made of nothing but what JSON knows.

    Raises:
        TypeError: a value of another type.
        ValueError: one that no JSON text can hold, such as infinity, or a list that contains itself.
    """
    try:
        text = json.dumps([normalize_json(list(args)), normalize_json(dict(kwargs))], allow_nan=False)
    except RecursionError:
        raise ValueError("The arguments are nested too deeply.") from None
    positional, named = json.loads(text)
    return positional, named
