"""What can be done to everything that the job list's filter holds."""

from dataclasses import dataclass

from django.http import HttpRequest

from jobqueue.admin.bulk.ask import may
from jobqueue.admin.jobs.changelist import JobChangeList
from jobqueue.bulk import BulkVerb
from jobqueue.bulk.verbs import VERBS


@dataclass(frozen=True, kw_only=True)
class OfferForAll:
    """One verb."""

    verb: str
    label: str
    is_danger: bool


def offers_for_all(request: HttpRequest, listed: JobChangeList) -> list[OfferForAll]:
    """The verbs that could change some of them; none for a search by text, which chooses no jobs to act on."""
    count, statuses = listed.count, set(listed.asked.jobs.statuses)
    if count is None or not count or not listed.asked.jobs.given():
        return []
    return [
        OfferForAll(verb=verb.value, label=_label(verb, str(count)), is_danger=verb == BulkVerb.DELETE)
        for verb in BulkVerb
        if may(request, verb) and not (statuses and statuses <= VERBS[verb].refused)
    ]


def _label(verb: BulkVerb, count: str) -> str:
    return f"{verb.label} all matching…" if count.endswith("+") else f"{verb.label} all {count} matching…"
