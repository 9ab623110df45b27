"""Organizations: the schools and programmes."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from coachdash.admin.roster_screen import RosterScreen
from coachdash.models import Organization


@admin.register(Organization)
class OrganizationAdmin(RosterScreen):
    """One that has coaches cannot be deleted."""

    list_display = ("name", "region", "time_zone", "coaches")
    search_fields = ("name", "region")
    fields = ("name", "region", "time_zone")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        """With the number of coaches."""
        return Organization.objects.annotate(number=Count("coaches"))

    @admin.display(description="Coaches")
    def coaches(self, organization: Organization) -> int:
        """How many."""
        number: int = organization.number  # type: ignore[attr-defined]  # annotated above
        return number
