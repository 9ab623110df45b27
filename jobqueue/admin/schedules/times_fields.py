"""The form fields that say when a schedule runs: its interval, its zone, its start and its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from jobqueue.cron import InvalidTimezoneError, zone_named

type Choices = Sequence[tuple[str, str]]

OTHER = "other"
_EVERY: Choices = (
    ("300", "5 minutes"),
    ("900", "15 minutes"),
    ("1800", "30 minutes"),
    ("3600", "1 hour"),
    ("7200", "2 hours"),
    ("21600", "6 hours"),
    ("43200", "12 hours"),
    ("86400", "1 day"),
    (OTHER, "another time …"),
)
_UNITS: Choices = (("60", "minutes"), ("3600", "hours"), ("86400", "days"), ("1", "seconds"))
_MOST = 1_000_000
_ENDS: Choices = (
    ("", "never"),
    ("3600", "after 1 hour"),
    ("21600", "after 6 hours"),
    ("86400", "after 1 day"),
    ("604800", "after 1 week"),
    ("2592000", "after 30 days"),
    (OTHER, "at an exact time …"),
)
_YEARS = range(2000, 2200)
_MINUTE = timedelta(minutes=1)


class IntervalWidget(forms.MultiWidget):
    """A choice of usual intervals, or a number and its unit."""

    template_name = "jobqueue/widgets/interval.html"

    def __init__(self) -> None:
        number = {"class": "jq-number", "min": "1", "aria-label": "Number"}
        super().__init__(
            [
                UnfoldAdminSelectWidget({"aria-label": "Every"}, list(_EVERY)),
                UnfoldAdminIntegerFieldWidget(number),
                UnfoldAdminSelectWidget({"aria-label": "Unit"}, list(_UNITS)),
            ]
        )

    def decompress(self, value: Any) -> list[Any]:
        """What to choose and fill in for an interval; a page's address may give what is none."""
        if not isinstance(value, timedelta):
            return ["3600", None, "60"]
        seconds = int(value.total_seconds())
        if str(seconds) in dict(_EVERY):
            return [str(seconds), None, "60"]
        size = next(size for size in (86_400, 3_600, 60, 1) if seconds % size == 0)
        return [OTHER, seconds // size, str(size)]


class IntervalField(forms.MultiValueField):
    """How often, as a timedelta; None if nothing is said."""

    def __init__(self, **kwargs: Any) -> None:
        fields = (
            forms.ChoiceField(choices=_EVERY, required=False),
            forms.IntegerField(min_value=1, max_value=_MOST, required=False),
            forms.ChoiceField(choices=_UNITS, required=False),
        )
        super().__init__(fields, widget=IntervalWidget(), required=False, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[Any]) -> timedelta | None:
        """The interval that was chosen or typed."""
        every, number, unit = data_list or ("", None, "")
        if every != OTHER:
            return timedelta(seconds=int(every)) if every else None
        return number and timedelta(seconds=number * int(unit or "60"))


class MomentField(forms.DateTimeField):
    """A date and a time of day, without a zone: the form knows in which one it is read."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": moment_widget(), **kwargs})

    def to_python(self, value: Any) -> datetime | None:
        """What the clocks show then.

        Raises:
            ValidationError: it is no such text, or of a year that no schedule is for.
        """
        if not value or isinstance(value, datetime):
            return value or None
        try:
            moment = datetime.fromisoformat(str(value).strip())
        except ValueError:
            raise ValidationError("This is not a time: expected one such as 2026-12-24 18:00.") from None
        if moment.tzinfo is not None:
            raise ValidationError("This names a zone of its own: expected a time such as 2026-12-24 18:00.")
        if moment.year not in _YEARS:
            raise ValidationError(f"{moment:%Y} is not possible: expected a year from {_YEARS[0]} to {_YEARS[-1]}.")
        return moment

    def prepare_value(self, value: Any) -> Any:
        """As browsers want it."""
        return shown(value) if isinstance(value, datetime) else value


def moment_widget() -> UnfoldAdminTextInputWidget:
    """The browser's own choice of a date and a time."""
    return UnfoldAdminTextInputWidget(attrs={"type": "datetime-local", "class": "jq-moment"})


def shown(moment: datetime) -> str:
    """A time as such a widget shows it."""
    return f"{moment:%Y-%m-%dT%H:%M}"


@dataclass(frozen=True, kw_only=True)
class End:
    """When a schedule ends: so long after its beginning, or at a time on the clocks."""

    after: timedelta | None = None
    at: datetime | None = None

    def counted_from(self, start: datetime | None) -> datetime:
        """So long after the start, or after now if that is past, up to the next whole minute."""
        now = timezone.now()
        exact = max(start or now, now) + (self.after or timedelta())
        whole = exact.replace(second=0, microsecond=0)
        return whole if whole == exact else whole + _MINUTE


class EndWidget(forms.MultiWidget):
    """A choice of spans, or a time."""

    template_name = "jobqueue/widgets/end.html"

    def __init__(self) -> None:
        exact = moment_widget()
        exact.attrs["aria-label"] = "Ends at"
        super().__init__([UnfoldAdminSelectWidget({"aria-label": "Ends"}, list(_ENDS)), exact])

    def decompress(self, value: datetime | None) -> list[Any]:
        """What to choose for an end, given as what the clocks show then."""
        return ["", None] if value is None else [OTHER, shown(value)]


class EndField(forms.MultiValueField):
    """An `End`, or None for never."""

    def __init__(self, **kwargs: Any) -> None:
        fields = (forms.ChoiceField(choices=_ENDS, required=False), MomentField(required=False))
        super().__init__(fields, widget=EndWidget(), required=False, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[Any]) -> End | None:
        """What was chosen.

        Raises:
            ValidationError: an exact time was chosen, and none given.
        """
        choice, at = data_list or ("", None)
        if not choice:
            return None
        if choice != OTHER:
            return End(after=timedelta(seconds=int(choice)))
        if at is None:
            raise ValidationError("An exact time is missing: expected one such as 2026-12-24 18:00.")
        return End(at=at)


class ZoneField(forms.ChoiceField):
    """An IANA time zone; the usual names to choose from, any other that there is is taken, too."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=zones, initial="UTC", widget=UnfoldAdminSelectWidget(), **kwargs)

    def validate(self, value: Any) -> None:
        """Refuse what is no zone.

        Raises:
            ValidationError: with what would be right.
        """
        forms.Field.validate(self, value)
        try:
            zone_named(value)
        except InvalidTimezoneError as error:
            raise ValidationError(str(error)) from None


@cache
def zones() -> Choices:
    """The usual names."""
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [(name, name) for name in ["UTC", *names]]
