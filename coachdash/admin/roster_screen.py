"""What the roster's screens share: pages that stay fast, and an audit entry for each thing that somebody does."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.admin import ShowFacets
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse

from jobqueue.audit import Actor, record
from jobqueue.screens import OrderedChangeList, OrderedPaginator, Screen, deny

if TYPE_CHECKING:
    from django.forms import ModelForm

PRIVATE = "(kept out of the log)"


class RosterScreen(Screen):
    """A list with a form. The log says of private fields that they changed, not what they say: it is never erased."""

    list_max_show_all = 0
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    paginator = OrderedPaginator
    sortable_by = ()
    page_keys: tuple[str, ...] = ("name",)
    private_fields: frozenset[str] = frozenset()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[OrderedChangeList]:
        """Pages by `page_keys`."""
        return OrderedChangeList

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """As the pages are."""
        return self.page_keys

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form; Django turns away who may not, and this records it."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except PermissionDenied:
            deny(request, self.action("EDIT" if object_id else "CREATE"), self.kind, object_id or "")

    def save_model(self, request: HttpRequest, obj: Any, form: "ModelForm[Any]", change: bool) -> None:
        """Store it, and say in the log what is different."""
        with transaction.atomic():
            stored = self.model.objects.filter(pk=obj.pk).first() if change else None
            before = self._facts(stored) if stored else {}
            super().save_model(request, obj, form, change)
            after = self._facts(obj)
            changed = [name for name in after if before.get(name) != after[name]] if stored else list(after)
            if changed:
                verb = "EDIT" if stored else "CREATE"
                was = self._shown(before, changed) if stored else None
                self._record(request, verb, obj, was, self._shown(after, changed))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete it; the log keeps what it was, but for what is private."""
        with transaction.atomic():
            before, key = self._facts(obj), obj.pk
            super().delete_model(request, obj)
            obj.pk = key
            self._record(request, "DELETE", obj, self._shown(before, before), None)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """The ticked ones, each with an entry."""
        for obj in queryset:
            self.delete_model(request, obj)

    @property
    def kind(self) -> str:
        """How the log calls such a row."""
        return self.opts.label_lower

    def action(self, verb: str) -> str:
        """How the log calls what was done, such as "TEAM_EDIT"."""
        return f"{self.opts.verbose_name}_{verb}".upper().replace(" ", "_")

    def _facts(self, obj: Model) -> dict[str, Any]:
        return model_to_dict(obj)

    def _shown(self, facts: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
        return {name: PRIVATE if name in self.private_fields else facts.get(name) for name in names}

    def _record(self, request: HttpRequest, verb: str, obj: Model, before: Any, after: Any) -> None:
        record(
            Actor.of_request(request),
            self.action(verb),
            object_type=self.kind,
            object_id=str(obj.pk),
            object_label="" if self.private_fields else str(obj),
            before=before,
            after=after,
        )
