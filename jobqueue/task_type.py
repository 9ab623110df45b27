"""A task type: one kind of job with its handler, the type of its payload, and its policies."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from jobqueue.exceptions import ConfigurationError, InvalidPayloadError
from jobqueue.payloads import Payload, to_json
from jobqueue.retry import RetryPolicy
from jobqueue.rules import Concurrency, KeyOf, Unique, fields_of
from jobqueue.states import FINISHED, Priority, Status, parse_status
from jobqueue.summaries import Summarise

type Handler = Callable[..., Any]

_MOST_POSTPONEMENTS = 32_767
_LONGEST_HELP = 300


class UniqueKey(NamedTuple):
    """What makes a job a duplicate: another one with the key, in one of the states."""

    key: str
    states: list[str]


class Place(NamedTuple):
    """What bounds how many jobs run at once: the key that they share, and how many it admits."""

    key: str
    limit: int


@dataclass(frozen=True, kw_only=True)
class TaskType:
    """One kind of job.

    Raises:
        ConfigurationError: a policy has an impossible value; the message names it and says what was expected.
    """

    name: str
    label: str
    handler: Handler
    payload_type: type[Payload]
    takes_payload: bool
    retry: RetryPolicy
    timeout: timedelta | None
    unique: Unique | None
    concurrency: Concurrency | None = None
    queue: str = "default"
    priority: Priority = Priority.NORMAL
    max_postponements: int | None = None
    retention: Mapping[Status, timedelta] = field(default_factory=dict)
    help: str = ""
    """What it does, in one line for people."""
    summary: Summarise | None = None
    """How its results are read by people."""

    def __post_init__(self) -> None:
        _check_text("name", self.name, 100)
        _check_text("label", self.label, 200)
        _check_text("queue", self.queue, 64)
        if self.help:
            _check_text("help", self.help, _LONGEST_HELP)
        if self.summary is not None and not callable(self.summary):
            raise ConfigurationError(f"summary is {self.summary!r}: expected a function of the result.")
        if self.timeout is not None and not (isinstance(self.timeout, timedelta) and self.timeout > timedelta()):
            raise ConfigurationError(f"timeout is {self.timeout!r}: expected a timedelta of more than nothing.")
        if not isinstance(self.priority, Priority):
            raise ConfigurationError(f"priority is {self.priority!r}: expected one of {', '.join(Priority.names)}.")
        self._check_rule("unique", self.unique, Unique)
        self._check_rule("concurrency", self.concurrency, Concurrency)
        most = self.max_postponements
        if most is not None and (type(most) is not int or not 0 <= most <= _MOST_POSTPONEMENTS):
            raise ConfigurationError(f"max_postponements is {most!r}: expected 0 to {_MOST_POSTPONEMENTS}.")

    def _check_rule(self, name: str, rule: Any, kind: type[Unique | Concurrency]) -> None:
        if rule is None:
            return
        if not isinstance(rule, kind):
            raise ConfigurationError(f"{name} is {rule!r}: expected {kind.__name__}(...).")
        known = self.payload_type.__struct_fields__
        unknown = [field for field in fields_of(rule.by) if field not in known]
        if unknown:
            raise ConfigurationError(
                f"{name} names {', '.join(unknown)}, which {self.payload_type.__name__} does not have: "
                f"expected some of {', '.join(known) or 'no fields'}."
            )

    @property
    def is_async(self) -> bool:
        """Whether the handler is to be awaited."""
        call = getattr(self.handler, "__call__", None)  # noqa: B004  an instance of a class of the app's
        return inspect.iscoroutinefunction(self.handler) or inspect.iscoroutinefunction(call)

    def encode(self, payload: Any) -> str:
        """The checked payload as JSON text.

        Raises:
            InvalidPayloadError: it does not fit the payload type.
        """
        try:
            return to_json({} if payload is None else payload, self.payload_type)
        except (msgspec.ValidationError, TypeError, ValueError, RecursionError) as error:
            raise InvalidPayloadError(self.name, str(error)) from error

    def unique_key(self, payload_json: str, run_at: datetime) -> UniqueKey | None:
        """What makes a job with this payload a duplicate, by this type's rule.

        Raises:
            InvalidPayloadError: the rule fails on this payload.
        """
        rule = self.unique
        if rule is None:
            return None
        key = self._asked("unique", payload_json, lambda payload: rule.key(self.name, payload, run_at))
        return None if key is None else UniqueKey(key, [Status(state).value for state in rule.states])

    def place(self, payload_json: str) -> Place | None:
        """What bounds how many jobs like this one run at once, by this type's rule.

        Raises:
            InvalidPayloadError: the rule fails on this payload.
        """
        rule = self.concurrency
        if rule is None:
            return None
        key = self._asked("concurrency", payload_json, lambda payload: rule.key(self.name, payload))
        return None if key is None else Place(key, rule.limit)

    def keeps(self, status: Status) -> timedelta | None:
        """How long jobs that ended so are kept; None for as long as the queue keeps any."""
        return self.retention.get(status)

    def _asked(self, what: str, payload_json: str, rule: KeyOf) -> str | None:
        try:
            return rule(msgspec.json.decode(payload_json, type=self.payload_type))
        except Exception as error:
            # The rule is the app's code: whoever enqueues, the scheduler too, must get an error of the queue.
            raise InvalidPayloadError(self.name, f"the rule for its {what} key raised {error!r}") from error


def first_line(handler: Handler) -> str:
    """What a handler's docstring says first, for people; nothing if it has none or is not a plain function."""
    told = inspect.getdoc(handler) if inspect.isroutine(handler) else None
    return (told or "").strip().partition("\n")[0][:_LONGEST_HELP].replace("\0", "")


def retention_of(given: Mapping[Status | str, timedelta] | timedelta | None) -> dict[Status, timedelta]:
    """How long jobs are kept, by final status, as `TaskType.retention` wants it.

    Args:
        given: by status or by the name of one; a timedelta alone is for those that succeeded.

    Raises:
        ConfigurationError: no final status, or no timedelta.
    """
    if given is None:
        return {}
    spans = {Status.SUCCEEDED: given} if isinstance(given, timedelta) else given
    if not isinstance(spans, Mapping):
        raise ConfigurationError(f"retention is {given!r}: expected a timedelta, or a mapping of statuses to some.")
    return dict(_kept(status, span) for status, span in spans.items())


def _kept(name: Any, span: Any) -> tuple[Status, timedelta]:
    try:
        status = parse_status(name)
    except (ValueError, AttributeError):
        status = None
    if status not in FINISHED:
        raise ConfigurationError(f"retention names {name!r}: expected some of {', '.join(FINISHED)}.")
    if not isinstance(span, timedelta) or span < timedelta():
        raise ConfigurationError(f"retention of {status} is {span!r}: expected a timedelta, 0 to delete it at once.")
    return status, span


def _check_text(name: str, value: Any, longest: int) -> None:
    if not isinstance(value, str) or not 1 <= len(value) <= longest or "\0" in value:
        raise ConfigurationError(f"{name} is {value!r}: expected 1 to {longest} characters.")
