"""What of the log an address asks for: read once, and obeyed alike by the list and by the export."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date

from jobqueue.admin.audit.words import object_types
from jobqueue.models import AuditEntry
from jobqueue.models.audit_entry import Channel

NAMES = ("q", "actor_id", "action", "object_type", "channel", "refused", "when", "since", "until")
SPANS = {"hour": "In the last hour", "today": "Today", "week": "In the last 7 days", "month": "In the last 30 days"}
_LONGEST = 200
_LARGEST = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class AuditQuery:
    """The conditions, all of which must hold; none for everything."""

    given: Mapping[str, str] = field(default_factory=dict)
    """The address's own words, without those that say nothing."""
    conditions: Q = field(default_factory=Q)
    problem: str = ""
    """Why nothing can match: what was expected."""

    def entries(self) -> QuerySet[AuditEntry]:
        """The entries, newest first."""
        entries = AuditEntry.objects.none() if self.problem else AuditEntry.objects.filter(self.conditions)
        return entries.order_by("-number")


class _WrongError(ValueError):
    """A word that makes no sense; says what was expected."""


def read(query: QueryDict) -> AuditQuery:
    """Read an address; one that makes no sense is a problem to tell, not an error."""
    given = {name: text for name in NAMES if (text := _clean(str(query.get(name, ""))))}
    try:
        conditions = Q()
        for condition in _conditions(given):
            conditions &= condition
    except _WrongError as wrong:
        return AuditQuery(given=given, problem=str(wrong))
    return AuditQuery(given=given, conditions=conditions)


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()[:_LONGEST]


def _conditions(given: Mapping[str, str]) -> Iterator[Q]:
    for name in ("action", "object_type"):
        if name in given:
            yield Q(**{name: given[name]})
    if "q" in given:
        yield _named(given["q"])
    if "actor_id" in given:
        yield Q(actor_id=_number("Person", given["actor_id"]))
    if "channel" in given:
        yield Q(channel=_one_of("Door", given["channel"], Channel.values))
    if "refused" in given:
        yield Q(is_refused=_one_of("Outcome", given["refused"], ("yes", "no")) == "yes")
    yield from _times(given)


def _named(text: str) -> Q:
    """The object with this whole id, or the entry with this number. The index begins with the object's type."""
    wanted = Q(object_type__in=object_types(), object_id__in={text, text.lower()})
    is_number = text.isascii() and text.isdecimal() and int(text) <= _LARGEST
    return wanted | Q(number=int(text)) if is_number else wanted


def _times(given: Mapping[str, str]) -> Iterator[Q]:
    if "when" in given:
        yield Q(at__gte=_begin_of(_one_of("When", given["when"], tuple(SPANS))))
    if "since" in given:
        yield Q(at__gte=_midnight(_day("From", given["since"])))
    if "until" in given:
        yield Q(at__lt=_midnight(_day("To", given["until"]) + timedelta(days=1)))


def _begin_of(span: str) -> datetime:
    now = timezone.now()
    if span == "today":
        return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return now - {"hour": timedelta(hours=1), "week": timedelta(days=7), "month": timedelta(days=30)}[span]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _day(label: str, text: str) -> date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    # Beyond these years a zone's midnight may be no date any more.
    if day is None or not 2 <= day.year <= 9_998:
        raise _WrongError(f"{label} is {text!r}: expected a date such as 2026-11-28.")
    return day


def _number(label: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= _LARGEST):
        raise _WrongError(f"{label} is {text!r}: expected the number of a user.")
    return int(text)


def _one_of(label: str, text: str, words: tuple[str, ...] | list[str]) -> str:
    if text not in words:
        raise _WrongError(f"{label} is {text!r}: expected one of {', '.join(words)}.")
    return text
