"""What the mirror's screens share: they are read, and who may operate the queue may read them."""

from typing import Any

from django.contrib.admin import ShowFacets
from django.http import HttpRequest

from jobqueue.screens import CappedPaginator, KeyChangeList, ReadOnlyScreen


class MirrorScreen(ReadOnlyScreen):
    """A list with pages by key, newest first."""

    list_max_show_all = 0
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # each would count the whole table
    paginator = CappedPaginator
    sortable_by = ()
    page_keys: tuple[str, ...] = ("-pk",)
    actions = None

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """As the pages are."""
        return self.page_keys

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Any]:
        """Pages by key."""
        return KeyChangeList
