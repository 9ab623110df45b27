"""Pages of a list sorted by fields of its own: from a row on, so that the last page costs what the first does."""

import json
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from jobqueue.admin.keyset import CappedPaginator

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
else:
    from unfold.views import ChangeList

AFTER = "after"


class OrderedPaginator(CappedPaginator):
    """As by key, with links of its own."""

    template_name = "jobqueue/ordered_pager.html"


class OrderedChangeList(ChangeList):
    """Rows after the one that `?after=` names by the values of the screen's `page_keys`.

    The keys are unique together and go all up, or all down with a "-" before each; one of them may be a related row's,
    as in "user__username". None of them is ever null.
    """

    after: list[Any] | None = None
    next_url: str = ""
    first_url: str = ""

    @property
    def page_keys(self) -> Sequence[str]:
        """The screen's."""
        keys: Sequence[str] = self.model_admin.page_keys  # type: ignore[attr-defined]  # as told above
        return keys

    @property
    def keys(self) -> list[str]:
        """The names of the fields, without signs."""
        return [key.removeprefix("-") for key in self.page_keys]

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Where the page begins is no filter."""
        return {name: value for name, value in super().get_filters_params(params).items() if name != AFTER}

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """The matching rows from there on."""
        queryset = super().get_queryset(request, exclude_parameters).order_by(*self.page_keys)
        self.after = self._values(request.GET.get(AFTER, ""))
        return queryset.filter(self._beyond(self.after)) if self.after else queryset

    def get_results(self, request: HttpRequest) -> None:
        """One page, and where the next one begins."""
        super().get_results(request)
        # Equal counts keep unfold's header from offering "show all".
        self.full_result_count = self.result_count
        # Django trusts its count and reads a single page without a limit; rows may have arrived since.
        self.result_list = list(self.result_list[: self.list_per_page])
        if self.after:
            self.first_url = self.get_query_string(remove=[AFTER])
        if self.result_list and self.result_count > len(self.result_list):
            self.next_url = self.get_query_string({AFTER: self._name(self.result_list[-1])})

    def _name(self, row: Model) -> str:
        values = [reduce(getattr, key.split("__"), row) for key in self.keys]
        return json.dumps(values, cls=_Encoder, ensure_ascii=False)

    def _values(self, text: str) -> list[Any] | None:
        """What the text says as values of the keys; nothing for what is none."""
        try:
            given = json.loads(text) if text else []
            if not isinstance(given, list) or len(given) != len(self.keys):
                return None
            if any(value is None or "\0" in str(value) for value in given):
                return None
            return [self._field(key).to_python(value) for key, value in zip(self.keys, given, strict=True)]
        except (ValueError, TypeError, ValidationError, RecursionError, OverflowError):
            return None

    def _field(self, key: str) -> Any:
        model = self.model
        *path, last = key.split("__")
        for name in path:
            related = model._meta.get_field(name).related_model  # noqa: SLF001  Django's documented API
            if not isinstance(related, type):
                raise FieldDoesNotExist(key)
            model = related
        return model._meta.pk if last == "pk" else model._meta.get_field(last)  # noqa: SLF001

    def _beyond(self, values: list[Any]) -> Q:
        """Greater than these values, or less, in the order of the keys."""
        lookup = "lt" if self.page_keys[0].startswith("-") else "gt"
        beyond = Q()
        for place in range(len(values)):
            same = dict(zip(self.keys[:place], values, strict=False))
            beyond |= Q(**same, **{f"{self.keys[place]}__{lookup}": values[place]})
        # What no row beyond can lack, so that an index on the first key is of use.
        return Q(**{f"{self.keys[0]}__{lookup}e": values[0]}) & beyond


class _Encoder(DjangoJSONEncoder):
    """Times to the microsecond: a page must not begin before where the last one ended."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)
