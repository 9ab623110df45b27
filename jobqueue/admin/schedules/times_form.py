"""The part of a schedule's form that says when it runs."""

from datetime import UTC, datetime, tzinfo
from typing import Any

from django import forms
from django.contrib.admin import HORIZONTAL
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from jobqueue import cron
from jobqueue.admin.forms.wall_clock import placed
from jobqueue.admin.schedules.times_fields import End, EndField, IntervalField, MomentField, ZoneField, shown
from jobqueue.models import Schedule
from jobqueue.models.schedule import ScheduleKind


class TimesForm(forms.Form):
    """Kind, expression or interval, zone, start and end; the times on the clocks of that zone."""

    kind = forms.ChoiceField(
        label="Runs",
        choices=ScheduleKind.choices,
        initial=ScheduleKind.CRON,
        required=False,
        widget=UnfoldAdminRadioSelectWidget(radio_style=HORIZONTAL),
    )
    expression = forms.CharField(
        label="Cron expression",
        max_length=cron.LONGEST,
        required=False,
        help_text="minute hour day month weekday, as in crontab, such as <code>*/30 * * * *</code>",
        widget=UnfoldAdminTextInputWidget(
            attrs={"class": "font-mono", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
        ),
    )
    interval = IntervalField(label="Every", help_text="At least 1 minute. The next run waits for the one before.")
    timezone = ZoneField(label="Time zone", help_text="All times of this schedule are read on the clocks of this zone.")
    starts_at = MomentField(label="Starts at", required=False, help_text="In the time zone above. Empty: from now on.")
    ends_at = EndField(
        label="Ends", help_text="Counted from its start, or from now. An exact time is one of the time zone above."
    )

    stored: Schedule | None = None
    """What the form was filled with."""

    def show_times_of(self, schedule: Schedule) -> None:
        """Fill in the start and the end of a schedule, or of the one that it is to be like, on its zone's clocks."""
        self.stored = schedule
        zone = _zone(str(self.initial.get("timezone") or schedule.timezone))
        for name in ("starts_at", "ends_at"):
            moment = getattr(schedule, name) or self.initial.get(name)
            self.initial[name] = _on_clocks(moment, zone) if isinstance(moment, datetime) else None

    def clean(self) -> dict[str, Any]:
        """Forget what is not of the chosen kind, and place the times in the zone."""
        super().clean()
        given = self.cleaned_data
        given["kind"] = given.get("kind") or (self.stored.kind if self.stored else ScheduleKind.CRON)
        is_interval = given["kind"] == ScheduleKind.INTERVAL
        other, empty = ("expression", "") if is_interval else ("interval", None)
        self.errors.pop(other, None)
        given[other] = empty
        if is_interval and not given.get("interval") and "interval" not in self.errors:
            self.add_error("interval", "An interval is missing: expected one of the choices, or a number.")
        zone = _zone(given.get("timezone") or "UTC")
        if given.get("starts_at"):
            self._place("starts_at", given["starts_at"], zone)
        if isinstance(end := given.get("ends_at"), End):
            self._end(end, zone)
        return given

    def _end(self, end: End, zone: tzinfo) -> None:
        if end.at is not None:
            return self._place("ends_at", end.at, zone)
        self.cleaned_data["ends_at"] = end.counted_from(self.cleaned_data.get("starts_at"))
        return None

    def _place(self, name: str, wall: datetime, zone: tzinfo) -> None:
        if self._is_untouched(name, wall):
            self.cleaned_data[name] = getattr(self.stored, name)
            return
        try:
            self.cleaned_data[name] = placed(wall, zone)
        except ValidationError as error:
            self.add_error(name, error)

    def _is_untouched(self, name: str, wall: datetime) -> bool:
        """Whether it is what was shown, which may have been less than what is stored: no seconds, no hour of two."""
        before = self.initial.get(name)
        is_shown = isinstance(before, datetime) and shown(before) == shown(wall)
        return is_shown and self.stored is not None and self.stored.timezone == self.cleaned_data.get("timezone")


def _on_clocks(moment: datetime, zone: tzinfo) -> datetime:
    return (moment.astimezone(zone) if moment.tzinfo else moment).replace(tzinfo=None)


def _zone(name: str) -> tzinfo:
    try:
        return cron.zone_named(name)
    except cron.InvalidTimezoneError:
        return UTC
