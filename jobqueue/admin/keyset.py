"""Pages of long lists: by key, newest first, so that the millionth row costs what the first does."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from jobqueue.admin.counts import Count, capped

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
    from django.core.paginator import Paginator

    _Paginator = Paginator[Any]
else:
    from django.core.paginator import Paginator as _Paginator
    from unfold.views import ChangeList

BEFORE = "before"


class CappedPaginator(_Paginator):
    """One page of a list whose length is counted up to the cap only."""

    template_name = "jobqueue/pager.html"

    @cached_property
    def found(self) -> Count:
        """How many match, or that it is more than the cap."""
        queryset: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return capped(queryset)

    @cached_property
    def count(self) -> int:
        """As `found`, for Django."""
        return self.found.number


class KeyChangeList(ChangeList):
    """Rows before the key in `?before=`, newest first."""

    before: Any = None
    older_url: str = ""
    newest_url: str = ""

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """The page's key is no filter."""
        return {name: value for name, value in super().get_filters_params(params).items() if name != BEFORE}

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """The matching rows from the page's key on."""
        queryset = super().get_queryset(request, exclude_parameters)
        self.before = self._key(request.GET.get(BEFORE))
        return queryset.filter(pk__lt=self.before) if self.before else queryset

    def get_results(self, request: HttpRequest) -> None:
        """One page, and where the next one begins."""
        super().get_results(request)
        # Equal counts keep unfold's header from offering "show all".
        self.full_result_count = self.result_count
        # Django trusts its count and reads a single page without a limit; rows may have arrived since.
        self.result_list = list(self.result_list[: self.list_per_page])
        if self.before:
            self.newest_url = self.get_query_string(remove=[BEFORE])
        if self.result_list and self.result_count > len(self.result_list):
            self.older_url = self.get_query_string({BEFORE: self.result_list[-1].pk})

    def _key(self, text: str | None) -> Any:
        try:
            return self.opts.pk.to_python(text) if text else None
        except ValidationError:
            return None
