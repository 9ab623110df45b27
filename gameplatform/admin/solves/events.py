"""The list of flash CTF events, the latest first."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gameplatform.admin.mirror_screen import MirrorScreen
from gameplatform.models import EventResult, FlashEvent
from jobqueue.screens import OrderedChangeList, OrderedPaginator, ago


@admin.register(FlashEvent)
class FlashEventAdmin(MirrorScreen):
    """Events are known by their results."""

    list_display = ("name", "began", "participants", "best", "solves")
    paginator = OrderedPaginator
    page_keys = ("-starts_at", "-id")

    search_fields = ("name",)
    fields = ("name", "starts_at")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[OrderedChangeList]:
        """Pages by start."""
        return OrderedChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[FlashEvent]:
        """With the number of participants and the best result, by the index over results."""
        results = EventResult.objects.filter(event=OuterRef("pk")).order_by().values("event")
        return FlashEvent.objects.annotate(
            number=Coalesce(Subquery(results.annotate(number=Count("pk")).values("number")), 0),
            best_points=Subquery(results.annotate(best=Max("points")).values("best")),
        )

    @admin.display(description="Began")
    def began(self, event: FlashEvent) -> SafeString:
        """When."""
        return ago(event.starts_at)

    @admin.display(description="Participants")
    def participants(self, event: FlashEvent) -> str:
        """Accounts with a result."""
        number: int = event.number  # type: ignore[attr-defined]  # annotated above
        return f"{number:,}"

    @admin.display(description="Best of ours")
    def best(self, event: FlashEvent) -> str:
        """The most points of an account that is mirrored."""
        best: int | None = event.best_points  # type: ignore[attr-defined]  # annotated above
        return "–" if best is None else f"{best:,} points"  # noqa: RUF001  a dash

    @admin.display(description="Solves")
    def solves(self, event: FlashEvent) -> SafeString:
        """A link to them."""
        return format_html('<a href="{}?event={}">Solves</a>', reverse("admin:gameplatform_solve_changelist"), event.pk)
