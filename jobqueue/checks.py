"""Numbered system checks of the queue's settings."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from jobqueue.conf import conf
from jobqueue.exceptions import ConfigurationError, UnknownTaskTypeError
from jobqueue.registry import registry


@register("jobqueue")
def check_database(**_: Any) -> Sequence[CheckMessage]:
    """E001: the queue rests on PostgreSQL's locks and notifications."""
    engine = settings.DATABASES["default"]["ENGINE"]
    if engine != "django.db.backends.postgresql":
        return [Error(f"The job queue needs PostgreSQL, not {engine}.", id="jobqueue.E001")]
    return []


@register("jobqueue")
def check_settings(**_: Any) -> Sequence[CheckMessage]:
    """E002: JOB_QUEUE holds known names only. E003, E004: overrides name known task types and what they can change."""
    try:
        overrides = conf().TASK_TYPES or {}
    except ConfigurationError as error:
        return [Error(str(error), id="jobqueue.E002")]
    return [problem for name in overrides for problem in _check_override(name)]


def _check_override(name: str) -> Sequence[CheckMessage]:
    try:
        registry.get(name)
    except UnknownTaskTypeError:
        return [Error(f"JOB_QUEUE['TASK_TYPES'] names the unknown task type {name!r}.", id="jobqueue.E003")]
    except ConfigurationError as error:
        return [Error(str(error), id="jobqueue.E004")]
    return []
