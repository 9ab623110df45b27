"""Competitors: the students, their coach and their team. Whoever opens one's page is named in the audit log."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget

from coachdash.admin.choosing import CoachField, CoachFilter, coaches, name_of
from coachdash.admin.roster_screen import RosterScreen
from coachdash.models import Competitor, Team
from coachdash.models.division import Division
from gameplatform.admin.labels import status_pill
from jobqueue.audit import Actor, record

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Competitor]
else:
    _ModelForm = forms.ModelForm

_PERSONAL = ("first_name", "last_name", "school_email", "grade")


class CompetitorForm(_ModelForm):
    """A student. Without a division, the grade says which."""

    coach = CoachField(queryset=coaches(), widget=UnfoldAdminSelectWidget())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if division := self.fields.get("division"):
            division.required = False
            division.help_text = "Empty: by the grade. 6 to 8 is middle school, 9 to 12 high school, none college."

    def clean(self) -> dict[str, Any] | None:
        """Fill in the division, and hold the team until this is saved: it may have one place left."""
        cleaned = super().clean()
        cleaned = self.cleaned_data if cleaned is None else cleaned
        if "division" in self.fields and not cleaned.get("division") and "grade" not in self.errors:
            cleaned["division"] = Division.of_grade(cleaned.get("grade"))
        if team := cleaned.get("team"):
            cleaned["team"] = Team.objects.select_for_update().filter(pk=team.pk).first()
        return cleaned


@admin.register(Competitor)
class CompetitorAdmin(RosterScreen):
    """The log never says names or addresses."""

    form = CompetitorForm
    list_display = ("full_name", "looked_after_by", "team", "division", "grade", "is_active", "platform")
    list_select_related = ("coach", "team", "account")
    list_filter = (CoachFilter, "division", "is_active")
    page_keys = ("last_name", "first_name", "id")
    private_fields = frozenset(_PERSONAL)
    search_fields = ("last_name", "first_name", "school_email", "id")
    search_help_text = "Name, e-mail address or id"
    autocomplete_fields = ("team",)
    fieldsets = (
        (None, {"fields": (("first_name", "last_name"), "school_email", "is_active")}),
        ("Competing", {"fields": ("coach", ("grade", "division"), "team")}),
    )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form. It shows personal data of a minor, perhaps, and so the log says who looked."""
        response = super().change_view(request, object_id, form_url, extra_context)
        if request.method == "GET" and response.status_code == 200:
            record(Actor.of_request(request), self.action("VIEW"), object_type=self.kind, object_id=object_id)
        return response

    @admin.display(description="Name")
    def full_name(self, competitor: Competitor) -> SafeString:
        """Last name first, as the list is sorted."""
        return format_html("<bdi>{}, {}</bdi>", competitor.last_name, competitor.first_name)

    @admin.display(description="Coach")
    def looked_after_by(self, competitor: Competitor) -> SafeString:
        """As a link to all of the coach's students."""
        return format_html('<a href="?coach={}"><bdi>{}</bdi></a>', competitor.coach_id, name_of(competitor.coach))

    @admin.display(description="On the platform")
    def platform(self, competitor: Competitor) -> SafeString:
        """The account's status, as a link to it."""
        account = competitor.account
        if account is None:
            return SafeString('<span class="jq-none">no account yet</span>')
        page = reverse("admin:gameplatform_account_change", args=[account.pk])
        return format_html('<a href="{}">{}</a>', page, status_pill(account))
