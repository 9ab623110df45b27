"""For the admin of the project's own models: lists that stay fast over millions of rows, in the queue's clothes.

The queue's own screens are in `admin/`; the audit of what people do there is in `audit`, their verbs in `operations`.
"""

from jobqueue.admin.counts import Count, capped
from jobqueue.admin.keyset import CappedPaginator, KeyChangeList
from jobqueue.admin.ordered_pages import OrderedChangeList, OrderedPaginator
from jobqueue.admin.refusals import deny
from jobqueue.admin.screens import ReadOnlyScreen, Screen, may_operate
from jobqueue.templatetags.jobqueue_times import ago

__all__ = [
    "CappedPaginator",
    "Count",
    "KeyChangeList",
    "OrderedChangeList",
    "OrderedPaginator",
    "ReadOnlyScreen",
    "Screen",
    "ago",
    "capped",
    "deny",
    "may_operate",
]
