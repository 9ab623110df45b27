"""The question before a token is made: what for, what it may do, and for how long."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from jobqueue import tokens
from jobqueue.admin.dialogs import BaseDialogForm
from jobqueue.models.api_token import TokenScope


class TokenForm(BaseDialogForm):
    """Offers only the scopes that its owner's permissions can fill."""

    name = forms.CharField(
        max_length=100, widget=UnfoldAdminTextInputWidget(), help_text="What it is for, such as Grafana or deploy hook."
    )
    scopes = forms.MultipleChoiceField(
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        initial=[TokenScope.READ.value],
        help_text="It can do no more than this, and never more than you may at the time.",
    )
    days = forms.TypedChoiceField(
        label="Expires",
        required=False,
        coerce=int,
        empty_value=None,
        initial="90",
        choices=[("30", "in 30 days"), ("90", "in 90 days"), ("365", "in a year"), ("", "never")],
        widget=UnfoldAdminSelectWidget(),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        scopes: Any = self.fields["scopes"]
        scopes.choices = [(scope.value, f"{scope.value}: {scope.label}") for scope in tokens.scopes_for(request.user)]

    @property
    def expires_at(self) -> datetime | None:
        """When it ends; None for never."""
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None
