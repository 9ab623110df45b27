"""What the job list is asked for: an address, which anybody can be sent, read as a filter, a text and a page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from jobqueue.admin.jobs.relation import PARAMETER, related_ids
from jobqueue.admin.jobs.search import ids_of
from jobqueue.exceptions import InvalidSelectionError
from jobqueue.job_filter import JobFilter
from jobqueue.models import Schedule
from jobqueue.scopes import scopes

SPANS = {"hour": "last hour", "today": "today", "week": "last 7 days"}
TEXT, BEFORE = "q", "before"
_WORDS = {"status": "statuses", "task_type": "task_types", "queue": "queues", "error_code": "error_codes"}
_OTHERS = ("date", "since", "until", "created_by", "schedule", "tag", "fingerprint")
_LONGEST = 500
_LARGEST_KEY = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class ListQuery:
    """What is wanted."""

    jobs: JobFilter = field(default_factory=JobFilter)
    text: str = ""
    """To be found in types, errors and payloads; empty if the search is for an id, which `jobs` holds then."""
    before: UUID | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    """The address's own words, without those that say nothing, and without the page."""
    problem: str = ""
    """Why nothing can match: what was expected."""


def read(query: QueryDict) -> ListQuery:
    """Read an address; one that makes no sense is a problem to tell, not an error."""
    given = {name: text for name in names() if (text := str(query.get(name, "")).strip()[:_LONGEST])}
    before = _uuid(str(query.get(BEFORE, "")))
    try:
        found = ids_of(given.get(TEXT, ""))
        jobs = JobFilter(**dict(_wanted(given)), ids=_ids(found, given.get(PARAMETER, "")))
    except InvalidSelectionError as problem:
        return ListQuery(params=given, problem=str(problem))
    return ListQuery(jobs=jobs, text=given.get(TEXT, "") if found is None else "", before=before, params=given)


def names() -> list[str]:
    """The words that an address may hold."""
    return [
        TEXT,
        PARAMETER,
        *_WORDS,
        "date",
        "since",
        "until",
        "created_by",
        "schedule",
        "tag",
        "fingerprint",
        *_scopes(),
    ]


def begin_of(span: str) -> datetime | None:
    """When one of the `SPANS` began; none for another word."""
    now = timezone.now()
    match span:
        case "hour":
            return now - timedelta(hours=1)
        case "today":
            return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        case "week":
            return now - timedelta(days=7)
        case _:
            return None


def _ids(found: list[UUID] | None, relation: str) -> tuple[UUID, ...]:
    if not relation:
        return tuple(found or ())
    related = related_ids(relation)
    if found is None:
        return tuple(related)
    both = tuple(set(found) & set(related))
    if not both:
        raise InvalidSelectionError("The job that was searched for is not among these.")
    return both


def _scopes() -> list[str]:
    return [scope.name for scope in scopes()]


def _wanted(given: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for name, condition in _WORDS.items():
        if name in given:
            yield condition, tuple(word for part in given[name].split(",") if (word := part.strip()))
    for name in ("tag", "fingerprint"):
        if name in given:
            yield name, given[name]
    if "created_by" in given:
        yield "created_by", _user(given["created_by"])
    if "schedule" in given:
        yield "schedule", _schedule(given["schedule"])
    scope = {name: _key(name, given[name]) for name in _scopes() if name in given}
    if scope:
        yield "scope", scope
    yield from _times(given)


def _times(given: Mapping[str, str]) -> Iterator[tuple[str, datetime]]:
    if "date" in given:
        since = begin_of(given["date"])
        if since is None:
            raise InvalidSelectionError(f"date is {given['date']!r}: expected {', '.join(SPANS)}, or since and until.")
        yield "since", since
        return
    for name in ("since", "until"):
        if name in given:
            yield name, _moment(name, given[name])


def _moment(name: str, text: str) -> datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise InvalidSelectionError(f"{name} is {text!r}: expected a date and a time such as 2026-11-24T15:30.")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _user(text: str) -> int:
    users = get_user_model()._default_manager.order_by()  # noqa: SLF001  the only name that every user model has
    key = users.filter(**{get_user_model().USERNAME_FIELD: _storable(text)}).values_list("pk", flat=True).first()
    if key is None:
        raise InvalidSelectionError(f"created_by is {text!r}: expected the name of a user.")
    return int(key)


def _schedule(text: str) -> int:
    named = Schedule.objects.filter(name=_storable(text)).values_list("pk", flat=True).first()
    return named if named is not None else _key("schedule", text)


def _key(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text[:20]) <= _LARGEST_KEY):
        raise InvalidSelectionError(f"{name} is {text!r}: expected its name or its number.")
    return int(text)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _storable(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
