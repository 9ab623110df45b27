"""Numbered system checks of the queue's settings."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from jobqueue.conf import conf
from jobqueue.exceptions import ConfigurationError
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
    """E002: JOB_QUEUE holds known names only. E003: overrides name known task types."""
    try:
        overrides = conf().TASK_TYPES or {}
    except ConfigurationError as error:
        return [Error(str(error), id="jobqueue.E002")]
    return [
        Error(f"JOB_QUEUE['TASK_TYPES'] names the unknown task type {name!r}.", id="jobqueue.E003")
        for name in overrides
        if name not in registry
    ]
