"""Which jobs are meant: conditions, checked, stored, and said in words. Lists and operations on many share them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

import msgspec
from django.db.models import Q
from django.utils import timezone

from jobqueue.exceptions import InvalidSelectionError
from jobqueue.ids import first_id_at
from jobqueue.models import Job
from jobqueue.querysets import JobQuerySet
from jobqueue.states import FINISHED, Status, parse_status

MOST_IDS = 50_000

_NOTHING: tuple[Any, ...] = ((), None, "", {})
_LARGEST_KEY = 2**63 - 1
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_FINGERPRINT = re.compile("[0-9a-f]{16}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class JobFilter:
    """Jobs that fulfil all given conditions, all jobs if none is; within one condition, any of its values.

    Args:
        ids: at most 50,000; more are better said by the other conditions.
        statuses: names that operators use, such as "processing", are understood, too.
        since, until: from this time on, and before that. When the job finished if only finished statuses are chosen,
            else when it was created.
        fingerprint: of the error, see `Failure`.
        created_by: the id of a user.
        schedule: the id of a schedule.
        scope: for whom, by the names of `scopes.py`: {"coach": 12} means jobs with that coach in their payload.

    Raises:
        InvalidSelectionError: a value is impossible.
    """

    ids: tuple[UUID, ...] = ()
    statuses: tuple[Status, ...] = ()
    task_types: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    error_codes: tuple[str, ...] = ()
    fingerprint: str = ""
    created_by: int | None = None
    schedule: int | None = None
    tag: str = ""
    scope: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check it, and bring ids and statuses into one order."""
        if len(self.ids) > MOST_IDS:
            raise InvalidSelectionError(
                f"{len(self.ids):,} ids are given: expected at most {MOST_IDS:,}. Choose so many jobs by a filter."
            )
        object.__setattr__(self, "ids", tuple(sorted(set(self.ids))))
        object.__setattr__(self, "statuses", _checked_statuses(self.statuses))
        self._check_times()
        self._check_words()
        self._check_keys()

    def given(self) -> list[str]:
        """The names of the conditions that are given."""
        return [one.name for one in fields(self) if getattr(self, one.name) not in _NOTHING]

    def _check_times(self) -> None:
        for name, moment in (("since", self.since), ("until", self.until)):
            if moment is not None and timezone.is_naive(moment):
                raise InvalidSelectionError(f"{name} is {moment.isoformat()}: expected a time with a time zone.")
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise InvalidSelectionError(
                f"since ({self.since.isoformat()}) must be before until ({self.until.isoformat()})."
            )

    def _check_words(self) -> None:
        words = {
            "task_types": self.task_types,
            "queues": self.queues,
            "error_codes": self.error_codes,
            "tag": (self.tag,) if self.tag else (),
            "scope": tuple(self.scope),
        }
        for name, values in words.items():
            for value in values:
                if not value or _UNSTORABLE.search(value):
                    raise InvalidSelectionError(f"{name} holds {value!r}: expected Unicode text without NUL.")
        if self.fingerprint and not _FINGERPRINT.fullmatch(self.fingerprint):
            raise InvalidSelectionError(
                f"fingerprint is {self.fingerprint[:80]!r}: expected 16 digits of 0-9 and a-f, as an error shows it."
            )

    def _check_keys(self) -> None:
        keys = {"created_by": self.created_by, "schedule": self.schedule, **self.scope}
        for name, key in keys.items():
            if key is not None and not 0 <= key <= _LARGEST_KEY:
                raise InvalidSelectionError(f"{name} is {key}: expected an id of at most 19 digits.")

    @property
    def is_by_end(self) -> bool:
        """Whether since and until are about when the job finished."""
        return bool(self.statuses) and all(status in FINISHED for status in self.statuses)

    def jobs(self) -> JobQuerySet:
        """The jobs that fulfil it now, in no order."""
        return self.among(Job.objects.order_by(), self.given())

    def among(self, jobs: JobQuerySet, names: list[str]) -> JobQuerySet:
        """Those of the jobs that fulfil the conditions of these names."""
        wanted: dict[str, Any] = {
            "ids": Q(id__in=self.ids),
            "statuses": Q(status__in=self.statuses),
            "task_types": Q(task_type__in=self.task_types),
            "queues": Q(queue__in=self.queues),
            "since": self._since(),
            "until": self._until(),
            "error_codes": Q(error_code__in=self.error_codes),
            # The index leaves out the jobs without, and is used only by who does, too.
            "fingerprint": Q(fingerprint=self.fingerprint) & ~Q(fingerprint=""),
            "created_by": Q(created_by=self.created_by),
            "schedule": Q(schedule=self.schedule),
            "scope": Q(payload__contains={f"{_json_name(name)}Id": key for name, key in self.scope.items()}),
        }
        for name in names:
            jobs = jobs.tagged(self.tag) if name == "tag" else jobs.filter(wanted[name])
        return jobs

    def _since(self) -> Q:
        # Ids begin with the time when they were made.
        if self.since is None:
            return Q()
        return Q(finished_at__gte=self.since) if self.is_by_end else Q(id__gte=_first_id(self.since))

    def _until(self) -> Q:
        if self.until is None:
            return Q()
        return Q(finished_at__lt=self.until) if self.is_by_end else Q(id__lt=_first_id(self.until))

    def to_json(self) -> dict[str, Any]:
        """What is given, with JSON names."""
        given = {_json_name(name): getattr(self, name) for name in self.given()}
        return dict(msgspec.json.decode(msgspec.json.encode(given)))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` made, or a person wrote.

        Raises:
            InvalidSelectionError: an unknown name or an impossible value.
        """
        known = {_json_name(one.name): one for one in fields(cls)}
        unknown = sorted(set(data) - set(known))
        if unknown:
            raise InvalidSelectionError(
                f"Unknown conditions {', '.join(unknown)}: expected some of {', '.join(known)}."
            )
        given: dict[str, Any] = {}
        for name, value in data.items():
            try:
                given[known[name].name] = _READ[known[name].name](value)
            except msgspec.ValidationError as error:
                raise InvalidSelectionError(f"{name}: {error}") from error
        return cls(**given)

    def describe(self) -> str:
        """One line such as "failed jobs of game_platform_sync that finished since 2026-11-24 10:00 UTC"."""
        parts = [self._described_jobs()]
        for lead, values in (
            ("of", self.task_types),
            ("in queue", self.queues),
            ("with error", self.error_codes),
            ("with fingerprint", (self.fingerprint,) if self.fingerprint else ()),
            ("tagged", (self.tag,) if self.tag else ()),
            ("created by user", () if self.created_by is None else (str(self.created_by),)),
            ("of schedule", () if self.schedule is None else (str(self.schedule),)),
            *((f"for {name}", (str(key),)) for name, key in self.scope.items()),
        ):
            if values:
                parts.append(f"{lead} {_either(values)}")
        times = [("since", self.since), ("before", self.until)]
        said = " and ".join(f"{word} {_said(moment)}" for word, moment in times if moment is not None)
        if said:
            parts.append(f"that {'finished' if self.is_by_end else 'were created'} {said}")
        return " ".join(parts)

    def _described_jobs(self) -> str:
        jobs = f"{_either(self.statuses)} jobs" if self.statuses else "jobs"
        if not self.ids:
            return jobs
        number = "1 given job" if len(self.ids) == 1 else f"{len(self.ids):,} given jobs"
        return number if self.given() == ["ids"] else f"{jobs} among {number}"


def _checked_statuses(statuses: tuple[str, ...]) -> tuple[Status, ...]:
    try:
        chosen = {parse_status(status) for status in statuses}
    except ValueError as error:
        raise InvalidSelectionError(str(error)) from None
    return tuple(status for status in Status if status in chosen)


def _json_name(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _reader(kind: Any) -> Callable[[Any], Any]:
    return lambda value: msgspec.convert(value, kind)


_READ = {
    "ids": _reader(tuple[UUID, ...]),
    "since": _reader(datetime | None),
    "until": _reader(datetime | None),
    "fingerprint": _reader(str),
    "tag": _reader(str),
    "created_by": _reader(int | None),
    "schedule": _reader(int | None),
    "scope": _reader(dict[str, int]),
} | dict.fromkeys(("statuses", "task_types", "queues", "error_codes"), _reader(tuple[str, ...]))


def _first_id(moment: datetime) -> UUID:
    return first_id_at(max(moment, _EPOCH))


def _either(values: tuple[str, ...]) -> str:
    *others, last = values
    return f"{', '.join(others)} or {last}" if others else str(last)


def _said(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment.second else f"{moment:%Y-%m-%d %H:%M} UTC"
