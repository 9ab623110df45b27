"""Pages of a list that is sorted by a unique name, which the address says as it is."""

from typing import Any

from django.db.models import Model

from jobqueue.admin.ordered_pages import OrderedChangeList


class NameChangeList(OrderedChangeList):
    """Rows after the name in `?after=`; the screen's `page_keys` is that one field."""

    def _name(self, row: Model) -> str:
        return str(getattr(row, self.keys[0]))

    def _values(self, text: str) -> list[Any] | None:
        name = text.replace("\0", "")
        return [name] if name else None
