"""The queue's settings: Django's `JOB_QUEUE` dict over typed defaults, read on access so that tests can override."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from jobqueue.exceptions import ConfigurationError


@dataclass(frozen=True, kw_only=True)
class Conf:
    """Every setting with its default. Times are seconds unless they are timedeltas."""

    DISABLED: bool = False
    """True stops every worker from claiming; JOB_QUEUE_DISABLED in the environment of this project."""
    DEFAULT_TIMEOUT: timedelta = timedelta(minutes=5)
    VERSION: str = ""
    """What the workers' table says of the code that they run, such as a commit."""
    HEARTBEAT_SECONDS: float = 5.0
    LOST_AFTER_SECONDS: float = 20.0
    POLL_SECONDS: float = 5.0
    """The slow look for work that covers a lost notification."""
    SHUTDOWN_GRACE_SECONDS: float = 25.0
    """How long running jobs may go on after the first TERM before they are interrupted and handed back."""
    INTERRUPT_GRACE_SECONDS: float = 5.0
    """How long an interrupted job may clean up before its process is killed."""
    CHILD_MAX_JOBS: int = 200_000
    CHILD_MAX_RSS_MIB: int = 512
    RESULT_MAX_BYTES: int = 1_048_576
    LOG_MAX_LINES: int = 1_000
    """Per attempt; the middle of a longer log is dropped and the gap is said."""
    MAX_POSTPONEMENTS: int = 1_000
    """How often in a row a handler may raise RetryLater before its job fails; a task type may set its own."""
    MAX_RETRY_AFTER: timedelta = timedelta(days=1)
    """The longest wait that an error may ask for by its attribute `retry_after`."""
    SECRETS: Sequence[str] | Callable[[], Sequence[str]] = ()
    """More texts to mask in logs, errors and payloads that are shown; a function is asked anew by every job."""
    SCOPES: str | Sequence[Any] = ()
    """For whom schedules may run: `Scope`s, or the dotted name of a list of them; see `scopes.py`."""
    SCHEDULE_TEMPLATES: str | Sequence[Any] = ()
    """`ScheduleTemplate`s, or the dotted name of a list of them; see `schedule_templates.py`."""
    PLAYBOOK: str | Path = ""
    """The Markdown file that the admin shows as its playbook; see `playbook/document.py`. Empty: no button."""
    CYCLE_WAIT_SECONDS: float = 20.0
    """How long a web request waits for the cycle that it started; the cycle itself goes on. Less than what the web
    server grants a request."""
    CYCLES_AT_ONCE: int = 2
    """So many cycles that web requests started may run at the same time; see `cycles/`."""
    KEEP_CYCLES: timedelta = timedelta(days=7)
    """How long worker cycles are remembered."""
    QUICK_ACTIONS: str | Sequence[Any] = ()
    """`QuickAction`s, or the dotted name of a list of them; see `quick_actions.py`."""
    DASHBOARD: str | Sequence[Any] = ()
    """`DashboardPart`s, or the dotted name of a list of them; see `dashboard_parts.py`."""
    KEEP_THROUGHPUT: timedelta = timedelta(days=14)
    """How long executions are remembered by time; their sums stay."""
    KEEP_WORKERS: timedelta = timedelta(days=1)
    KEEP_OCCURRENCES: timedelta = timedelta(days=90)
    """How long the history of schedules is kept."""
    KEEP_QUICK_RUNS: timedelta = timedelta(days=30)
    """How long it is remembered who started which quick action."""
    KEEP_EFFECTS: timedelta = timedelta(days=90)
    """How long `JobContext.effect` remembers; a job that is run again later applies its effects again."""
    RETENTION_SUCCEEDED: timedelta = timedelta(days=14)
    RETENTION_FAILED: timedelta = timedelta(days=30)
    HEALTH_PENDING: int = 100
    """More jobs pending than this are a warning; see `health.py`."""
    HEALTH_FAILED: int = 10
    """More jobs failed, or dead, than this are a warning."""
    HEALTH_NO_BEAT_SECONDS: float = 60.0
    """No worker has beaten for so long: critical."""
    HEALTH_NO_TICK_SECONDS: float = 180.0
    """No scheduler has ticked for so long, and schedules are active: critical. A crontab ticks once a minute."""
    HEALTH_OLDEST_PENDING: timedelta = timedelta(minutes=30)
    """A job that is due waits longer than this: a warning."""
    HEALTH_STUCK: timedelta = timedelta(minutes=20)
    """A job runs for so long, and beyond its own timeout: a warning."""
    HEALTH_OVERDUE: timedelta = timedelta(minutes=15)
    """A job or a schedule should have begun so long ago: a warning."""
    RUNNER_SECRETS: Sequence[str] = ()
    """What `x-job-runner-secret` may say at the worker endpoint, which refuses everybody while there is none; two while
    one replaces the other.
    """
    CRON_SECRETS: Sequence[str] = ()
    """The same for `Authorization: Bearer` there."""
    METRICS_TOKENS: Sequence[str] = ()
    """Who may read the metrics, as `Authorization: Bearer`; nobody while there is none."""
    METRICS: Sequence[str] = ()
    """More metrics than the queue's own: dotted names of functions that give `prometheus_client` families."""
    API_CALLS_PER_MINUTE: int = 600
    """How often one token or one logged-in user may call the API, as a burst or evenly."""
    API_STRANGERS_PER_MINUTE: int = 60
    """How many calls without valid credentials one address may make."""
    API_MAX_BODY_BYTES: int = 1_048_576
    API_HEALTH_SECONDS: float = 1.0
    """How old the API's answer about the queue's health may be, in each web process."""
    HEALTH_OLDEST_TRANSACTION: timedelta = timedelta(minutes=15)
    """A transaction is open for so long, and keeps dead rows in the tables: a warning in the admin."""
    TASK_TYPES: dict[str, dict[str, Any]] | None = None
    """Overrides per task type: {"name": {"max_attempts": 3, "timeout": timedelta(...)}}."""


_NAMES = frozenset(field.name for field in fields(Conf))


def conf() -> Conf:
    """The settings in force now.

    Raises:
        ConfigurationError: an unknown name in `JOB_QUEUE`.
    """
    given: dict[str, Any] = getattr(settings, "JOB_QUEUE", {})
    unknown = sorted(given.keys() - _NAMES)
    if unknown:
        raise ConfigurationError(
            f"JOB_QUEUE has unknown settings {', '.join(unknown)}: expected some of {', '.join(sorted(_NAMES))}."
        )
    return Conf(**given)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(text, str) for text in value)


_EXPECTED: dict[object, tuple[str, Callable[[Any], bool]]] = {
    bool: ("True or False", lambda value: isinstance(value, bool)),
    int: ("a whole number, not negative", lambda value: type(value) is int and value >= 0),
    float: ("a number, not negative", lambda value: type(value) in (int, float) and value >= 0),
    timedelta: ("a timedelta, not negative", lambda value: isinstance(value, timedelta) and value >= timedelta()),
    "VERSION": ("a text of at most 64 characters", lambda value: isinstance(value, str) and len(value) <= 64),
    "TASK_TYPES": ("a mapping by task type", lambda value: value is None or isinstance(value, Mapping)),
    "SCOPES": ("a list of Scopes, or its dotted name", lambda value: isinstance(value, str | list | tuple)),
    "SCHEDULE_TEMPLATES": (
        "a list of ScheduleTemplates, or its dotted name",
        lambda value: isinstance(value, str | list | tuple),
    ),
    "PLAYBOOK": ("the path of a Markdown file, or nothing", lambda value: isinstance(value, str | Path)),
    "RUNNER_SECRETS": ("a list of texts", _are_texts),
    "CRON_SECRETS": ("a list of texts", _are_texts),
    "METRICS_TOKENS": ("a list of texts", _are_texts),
    "METRICS": ("a list of dotted names", _are_texts),
    "API_CALLS_PER_MINUTE": ("a whole number above 0", lambda value: type(value) is int and value > 0),
    "API_STRANGERS_PER_MINUTE": ("a whole number above 0", lambda value: type(value) is int and value > 0),
    "DASHBOARD": (
        "a list of DashboardParts, or its dotted name",
        lambda value: isinstance(value, str | list | tuple),
    ),
    "QUICK_ACTIONS": (
        "a list of QuickActions, or its dotted name",
        lambda value: isinstance(value, str | list | tuple),
    ),
    "SECRETS": ("a list of texts, or a function that returns one", lambda value: callable(value) or _are_texts(value)),
}
"""By the name of a setting or else by its type: what it must be, in words and as a test."""


def problems_of(given: Conf) -> Iterator[str]:
    """A sentence for each setting that has an impossible value."""
    for field in fields(Conf):
        expected, is_right = _EXPECTED.get(field.name) or _EXPECTED[field.type]
        value = getattr(given, field.name)
        if not is_right(value):
            shown = f"a {type(value).__name__}" if field.name.endswith(("SECRETS", "TOKENS")) else repr(value)
            yield f"JOB_QUEUE['{field.name}'] is {shown}: expected {expected}."
