"""The form above the job list: for whom a quick action is, and whether it only tries."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from unfold.widgets import UnfoldBooleanSwitchWidget

from jobqueue.admin.schedules.scope_form import scope_field
from jobqueue.quick_actions import QuickAction, quick_actions
from jobqueue.scopes import Scope, scopes

PREFIX = "quick"


class QuickForm(forms.Form):
    """One choice for each scope that one of the project's quick actions knows."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, prefix=PREFIX)
        known = quick_actions()
        for scope in offered(known):
            self.fields[scope.name] = scope_field(scope)
        if any(action.can_dry_run for action in known):
            self.fields["dry_run"] = forms.BooleanField(
                label="Dry run",
                required=False,
                widget=UnfoldBooleanSwitchWidget(),
                help_text="Changes nothing, and shows what would change.",
            )

    def scope(self) -> dict[str, int]:
        """What was chosen in a valid form."""
        return {name: int(key) for name, key in self.cleaned_data.items() if name != "dry_run" and key}

    @property
    def dry_run(self) -> bool:
        """Whether a valid form says that nothing is to be changed."""
        return bool(self.cleaned_data.get("dry_run"))

    def problem(self) -> str:
        """What is wrong, in one text."""
        return " ".join(f"{self[name].label}: {' '.join(map(str, told))}" for name, told in self.errors.items())


def offered(actions: Sequence[QuickAction]) -> list[Scope]:
    """The scopes that one of them can be limited to."""
    names = {scope.name for action in actions for scope in action.scopes}
    return [scope for scope in scopes() if scope.name in names]
