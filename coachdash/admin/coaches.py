"""Coaches: which users are coaches, and of which organization."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from coachdash.admin.roster_screen import RosterScreen
from coachdash.models import CoachProfile, Competitor, Team


@admin.register(CoachProfile)
class CoachProfileAdmin(RosterScreen):
    """A user that has students or teams stays a coach."""

    list_display = ("coach", "organization", "students", "teams")
    list_display_links = ("coach",)
    list_select_related = ("user", "organization")
    actions = None  # one by one only, as each may be in use
    page_keys = ("user__username", "pk")
    search_fields = ("user__username", "user__first_name", "user__last_name", "organization__name")
    search_help_text = "Name, user name or organization"
    autocomplete_fields = ("organization",)
    fields = ("user", "organization")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CoachProfile]:
        """With the numbers of students and teams."""
        return CoachProfile.objects.annotate(
            student_count=_number(Competitor.objects.filter(coach=OuterRef("user"))),
            team_count=_number(Team.objects.filter(coach=OuterRef("user"))),
        )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Users that are no coaches yet, and the one whose profile this is."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "user" and isinstance(field, ModelChoiceField):
            match = request.resolver_match
            mine = match.kwargs.get("object_id", "") if match else ""
            free = Q(coach_profile__isnull=True)
            free |= Q(coach_profile=mine) if mine.isascii() and mine.isdecimal() else Q()
            field.queryset = User.objects.filter(free, is_active=True).order_by("username")
        return field

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not while somebody is coached."""
        is_free = obj is None or not (
            Competitor.objects.filter(coach=obj.user_id).exists() or Team.objects.filter(coach=obj.user_id).exists()
        )
        return is_free and super().has_delete_permission(request, obj)

    @admin.display(description="Coach")
    def coach(self, profile: CoachProfile) -> SafeString:
        """The name, and the user name."""
        return format_html(
            '<bdi>{}</bdi> <span class="jq-note">{}</span>', profile.user.get_full_name() or profile.user, profile.user
        )

    @admin.display(description="Students")
    def students(self, profile: CoachProfile) -> SafeString:
        """How many, as a link to them."""
        number: int = profile.student_count  # type: ignore[attr-defined]  # annotated above
        return format_html(
            '<a href="{}?coach={}">{}</a>', reverse("admin:coachdash_competitor_changelist"), profile.user_id, number
        )

    @admin.display(description="Teams")
    def teams(self, profile: CoachProfile) -> SafeString:
        """How many, as a link to them."""
        number: int = profile.team_count  # type: ignore[attr-defined]  # annotated above
        return format_html(
            '<a href="{}?coach={}">{}</a>', reverse("admin:coachdash_team_changelist"), profile.user_id, number
        )


def _number(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("coach").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())
