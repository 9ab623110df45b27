"""The question before a pause: what to stop, why, and until when."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from jobqueue import operations
from jobqueue.admin.dialogs import BaseDialogForm
from jobqueue.admin.jobs.filters import known_queues
from jobqueue.audit import Actor
from jobqueue.models import Pause
from jobqueue.models.pause import PauseScope
from jobqueue.registry import registry

_EVERYTHING = PauseScope.EVERYTHING.value


def _scopes() -> Iterable[tuple[str, Any]]:
    """What can be paused; the value is the scope and the name."""
    queues = [(f"{PauseScope.QUEUE.value}:{name}", name) for name in known_queues()]
    types = [(f"{PauseScope.TASK_TYPE.value}:{kind.name}", kind.label) for kind in registry]
    return [(_EVERYTHING, "Everything"), ("One queue", queues), ("One task type", types)]


class StopForm(BaseDialogForm):
    """What to stop, why, and for how long."""

    what = forms.ChoiceField(choices=_scopes, initial=_EVERYTHING, widget=UnfoldAdminSelectWidget())
    reason = forms.CharField(
        max_length=500,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Shown to everybody who wonders why nothing runs.",
    )
    minutes = forms.TypedChoiceField(
        label="Until",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", "somebody turns it on again"),
            ("15", "15 minutes from now"),
            ("60", "1 hour from now"),
            ("240", "4 hours from now"),
            ("1440", "1 day from now"),
        ],
        widget=UnfoldAdminSelectWidget(),
    )

    until = forms.DateTimeField(
        label="Or until this time",
        required=False,
        widget=UnfoldAdminTextInputWidget({"type": "datetime-local"}),
        help_text="In place of the choice above.",
    )

    def clean_until(self) -> datetime | None:
        """A time to come.

        Raises:
            ValidationError: it is past.
        """
        until: datetime | None = self.cleaned_data["until"]
        if until is not None and until <= timezone.now():
            raise forms.ValidationError("This is past: expected a time to come.")
        return until

    def clean(self) -> dict[str, Any]:
        """One end at most.

        Raises:
            ValidationError: two were given.
        """
        if self.cleaned_data.get("minutes") and self.cleaned_data.get("until"):
            raise forms.ValidationError({"until": "Two ends: choose one above, or give a time here."})
        return self.cleaned_data

    def pause(self, actor: Actor) -> Pause:
        """Do it."""
        scope, _, name = self.cleaned_data["what"].partition(":")
        minutes = self.cleaned_data["minutes"]
        return operations.pause(
            actor,
            scope=PauseScope(scope),
            name=name,
            reason=self.cleaned_data["reason"],
            ends_at=timezone.now() + timedelta(minutes=minutes) if minutes else self.cleaned_data["until"],
        )
