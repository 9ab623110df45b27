"""Teams: at most six students of one coach and one division. Only an empty one can be deleted."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget

from coachdash.admin.choosing import CoachField, CoachFilter, coaches, name_of
from coachdash.admin.roster_screen import RosterScreen
from coachdash.models import Team
from coachdash.models.membership import MOST_MEMBERS

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Team]
else:
    _ModelForm = forms.ModelForm


class TeamForm(_ModelForm):
    """A team; the name is unique per coach."""

    coach = CoachField(queryset=coaches(), widget=UnfoldAdminSelectWidget())

    def clean(self) -> dict[str, Any] | None:
        """Hold the team until this is saved: nobody joins it meanwhile. Say whose name is taken."""
        super().clean()
        if self.instance.pk and not self.instance._state.adding:  # noqa: SLF001  as Django's own forms do
            list(Team.objects.select_for_update().filter(pk=self.instance.pk).values_list("pk"))
        coach, name = self.cleaned_data.get("coach"), self.cleaned_data.get("name")
        if coach and name and Team.objects.filter(coach=coach, name=name).exclude(pk=self.instance.pk).exists():
            self.add_error("name", f"{name_of(coach)} has a team of this name already: expected another one.")
        return self.cleaned_data


@admin.register(Team)
class TeamAdmin(RosterScreen):
    """Members join by their own page."""

    form = TeamForm
    list_display = ("name", "looked_after_by", "division", "affiliation", "members")
    list_select_related = ("coach",)
    list_filter = (CoachFilter, "division")
    actions = None  # one by one only, as each may be in use
    page_keys = ("name", "id")
    search_fields = ("name", "affiliation", "coach__username", "coach__last_name")
    search_help_text = "Name, affiliation or coach"
    fields = ("name", "coach", "division", "affiliation", "members_by_name")
    readonly_fields = ("members_by_name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        """With the number of members."""
        return Team.objects.annotate(number=Count("members"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only of an empty one."""
        return super().has_delete_permission(request, obj) and (obj is None or not obj.members.exists())

    def delete_model(self, request: HttpRequest, obj: Team) -> None:
        """Delete it, unless somebody has joined since the question.

        Raises:
            PermissionDenied: it has members now.
        """
        with transaction.atomic():
            list(Team.objects.select_for_update().filter(pk=obj.pk).values_list("pk"))
            if obj.members.exists():
                raise PermissionDenied("Somebody has joined the team: only an empty one can be deleted.")
            super().delete_model(request, obj)

    @admin.display(description="Coach")
    def looked_after_by(self, team: Team) -> SafeString:
        """As a link to all of the coach's teams."""
        return format_html('<a href="?coach={}"><bdi>{}</bdi></a>', team.coach_id, name_of(team.coach))

    @admin.display(description="Members")
    def members(self, team: Team) -> str:
        """How many, of how many at most."""
        number: int = team.number  # type: ignore[attr-defined]  # annotated above
        return f"{number} / {MOST_MEMBERS}"

    @admin.display(description="Members")
    def members_by_name(self, team: Team) -> SafeString:
        """A link to each; they are moved on their own pages."""
        if team.pk is None or team._state.adding:  # noqa: SLF001
            return SafeString("Save the team first; members then join it on their own pages.")
        links = format_html_join(
            ", ",
            '<a href="{}"><bdi>{}</bdi></a>',
            ((reverse("admin:coachdash_competitor_change", args=[one.pk]), one) for one in team.members.all()),
        )
        return links or SafeString("Nobody yet. Students join on their own pages; an empty team can be deleted.")
