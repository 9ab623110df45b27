"""Pages of a list that is sorted by a unique name: from a name on, so that the last page costs what the first does."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import HttpRequest

from jobqueue.admin.keyset import CappedPaginator

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
else:
    from unfold.views import ChangeList

AFTER = "after"


class NamePaginator(CappedPaginator):
    """As by key, with links of its own."""

    template_name = "jobqueue/schedules/pager.html"


class NameChangeList(ChangeList):
    """Rows after the name in `?after=`."""

    after: str = ""
    next_url: str = ""
    first_url: str = ""

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Where the page begins is no filter."""
        return {name: value for name, value in super().get_filters_params(params).items() if name != AFTER}

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """The matching rows from there on."""
        queryset = super().get_queryset(request, exclude_parameters).order_by("name")
        self.after = request.GET.get(AFTER, "").replace("\0", "")
        return queryset.filter(name__gt=self.after) if self.after else queryset

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
            self.next_url = self.get_query_string({AFTER: self.result_list[-1].name})
