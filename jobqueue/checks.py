"""Numbered system checks of the queue's settings."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from jobqueue.conf import conf, problems_of
from jobqueue.dashboard_parts import problems_of_dashboard
from jobqueue.exceptions import ConfigurationError, UnknownTaskTypeError
from jobqueue.quick_actions import problems_of_quick_actions
from jobqueue.registry import registry
from jobqueue.schedule_templates import problems_of_templates


@register("jobqueue")
def check_database(**_: Any) -> Sequence[CheckMessage]:
    """E001: the queue rests on PostgreSQL's locks and notifications."""
    engine = settings.DATABASES["default"]["ENGINE"]
    if engine != "django.db.backends.postgresql":
        return [Error(f"The job queue needs PostgreSQL, not {engine}.", id="jobqueue.E001")]
    return []


@register("jobqueue")
def check_settings(**_: Any) -> Sequence[CheckMessage]:
    """The names and values in JOB_QUEUE.

    E002: an unknown setting. E003: an override of an unknown task type. E004: an override of something that cannot
    be, or by an impossible value. E005: a setting with an impossible value. E006: a template of schedules that could
    not be applied. E007: a quick action that could not be started. E008: something on the dashboard that is no part
    of it.
    """
    try:
        given = conf()
    except ConfigurationError as error:
        return [Error(str(error), id="jobqueue.E002")]
    wrong = [Error(problem, id="jobqueue.E005") for problem in problems_of(given)]
    if wrong:
        return wrong
    overrides = [problem for name in given.TASK_TYPES or {} for problem in _check_override(name)]
    return [
        *overrides,
        *(Error(problem, id="jobqueue.E006") for problem in problems_of_templates()),
        *(Error(problem, id="jobqueue.E007") for problem in problems_of_quick_actions()),
        *(Error(problem, id="jobqueue.E008") for problem in problems_of_dashboard()),
    ]


def _check_override(name: str) -> Sequence[CheckMessage]:
    try:
        registry.get(name)
    except UnknownTaskTypeError:
        return [Error(f"JOB_QUEUE['TASK_TYPES'] names the unknown task type {name!r}.", id="jobqueue.E003")]
    except ConfigurationError as error:
        return [Error(str(error), id="jobqueue.E004")]
    return []
